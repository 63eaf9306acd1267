"""May one version answer what was asked of another?

A challenger is given what callers ask of the champion, and callers read its answers as the
champion's: it must take whatever the champion takes, and give the same kind of answer.
"""

from slipway.model.signature import Field, Output, Signature

_NUMBERS = ("number", "integer")


def incompatibilities(champion: Signature, challenger: Signature) -> list[str]:
    """Why the challenger may not answer the champion's requests, in words; empty where it may."""
    return [
        *_of_inputs(champion, challenger),
        *_of_output(champion.output, challenger.output),
    ]


def _of_inputs(champion: Signature, challenger: Signature) -> list[str]:
    taken = {field.name: field for field in challenger.inputs}
    given = {field.name: field for field in champion.inputs}
    problems = [f"it does not take the field '{name}'" for name in given.keys() - taken.keys()] + [
        f"it needs a field '{name}' that callers do not send"
        for name, field in taken.items()
        if name not in given and field.required
    ]
    for name in given.keys() & taken.keys():
        problems += [f"the field '{name}' {word}" for word in _of_field(given[name], taken[name])]
    return sorted(problems)


def _of_field(given: Field, taken: Field) -> list[str]:
    """What a value that fits `given` may have that `taken` refuses."""
    if given.type != taken.type and not (given.type == "integer" and taken.type == "number"):
        return [f"is a {taken.type} to it, and a {given.type} to callers"]
    problems = []
    if taken.required and not given.required:
        problems.append("is required by it")
    if given.unit != taken.unit:
        problems.append(f"is in '{taken.unit}' to it, and in '{given.unit}' to callers")
    if given.type in _NUMBERS:
        bounds = (given.minimum, taken.minimum, given.maximum, taken.maximum)
    else:
        bounds = (given.min_length, taken.min_length, given.max_length, taken.max_length)
    if _narrower(*bounds):
        problems.append("has narrower bounds to it")
    if taken.allowed is not None and not set(given.allowed or ()) <= set(taken.allowed):
        problems.append("takes fewer values with it")
    if taken.allowed is not None and given.allowed is None:
        problems.append("takes any value with the champion, a few with it")
    return problems


def _narrower(
    low: float | None, its_low: float | None, high: float | None, its_high: float | None
) -> bool:
    """Whether its bounds leave out something that is within the others."""
    return (its_low is not None and (low is None or its_low > low)) or (
        its_high is not None and (high is None or its_high < high)
    )


def _of_output(champion: Output, challenger: Output) -> list[str]:
    if champion.kind != challenger.kind:
        return [f"it answers with a {challenger.kind}, the champion with a {champion.kind}"]
    if set(champion.labels) != set(challenger.labels):
        return ["it answers with other labels than the champion"]
    if champion.unit != challenger.unit:
        return [f"it answers in '{challenger.unit}', the champion in '{champion.unit}'"]
    return []
