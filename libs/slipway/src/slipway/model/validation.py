"""Does an instance fit a signature? Every problem with its field, as a client needs to be told."""

import sys
from collections.abc import Sequence
from typing import Any

from slipway.core.errors import InvalidInput, Problem, first_of
from slipway.core.strict_json import printable
from slipway.model.signature import Field, Instance, Signature

MAX_PROBLEMS = 50  # more than anybody reads; a large bad request stays a small answer
# Beyond this a double can no longer tell two integers apart.
LARGEST_INTEGER = 2**53
_LARGEST = sys.float_info.max


def checked_instance(signature: Signature, value: Any) -> Instance:
    """The instance, with every field of the signature present (None where it is missing).

    Raises InvalidInput that lists each problem.
    """
    problems: list[Problem] = []
    instance = _checked(signature, value, "", problems)
    _refuse(problems)
    return instance


def checked_instances(signature: Signature, values: Sequence[Any]) -> list[Instance]:
    """As checked_instance for several rows; a problem's field starts with `instances[row].`."""
    problems: list[Problem] = []
    instances = []
    for row, value in enumerate(values):
        instances.append(_checked(signature, value, f"instances[{row}]", problems))
        if len(problems) >= MAX_PROBLEMS:
            break
    _refuse(problems)
    return instances


def _refuse(problems: list[Problem]) -> None:
    if problems:
        field = problems[0].field
        subject = f"Field '{field}'" if field else "The body"
        message = first_of(problems, subject)
        raise InvalidInput(message, problems=tuple(problems[:MAX_PROBLEMS]))


def _checked(signature: Signature, value: Any, path: str, problems: list[Problem]) -> Instance:
    if not isinstance(value, dict):
        problems.append(Problem(path, "must be an object with the model's fields"))
        return {}
    prefix = f"{path}." if path else ""
    instance: Instance = {}
    known = 0
    for field in signature.inputs:
        given = value.get(field.name)
        if type(given) is float and field.type == "number" and _is_within(field, given):
            instance[field.name] = given  # by far the most values of wide tables
            known += 1
            continue
        known += field.name in value
        if given is None:
            if field.required:
                word = "must not be null" if field.name in value else "is required"
                problems.append(Problem(prefix + field.name, word))
            instance[field.name] = None
        elif problem := problem_with(field, given):
            problems.append(Problem(prefix + field.name, problem))
        else:
            instance[field.name] = _as_declared(field, given)
    if known < len(value):
        names = {field.name for field in signature.inputs}
        unknown = [printable(name) for name in value if name not in names]
        problems.extend(Problem(prefix + name, "is not a field of this model") for name in unknown)
    return instance


def _is_within(field: Field, number: float) -> bool:
    """False for NaN and infinity too."""
    low = -_LARGEST if field.minimum is None else field.minimum
    high = _LARGEST if field.maximum is None else field.maximum
    return low <= number <= high


def problem_with(field: Field, value: Any) -> str | None:
    """What is wrong with a value that is not null, in words; None when it fits."""
    if field.type in ("text", "category"):
        return _problem_with_string(field, value)
    if field.type == "tensor":
        return _problem_with_tensor(field, value, field.shape)
    return _problem_with_number(field, value)


def _problem_with_string(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        return f"must be a string, not {kind_of(value)}"
    if field.min_length and not value.strip():
        return "must not be empty"
    if field.min_length is not None and len(value) < field.min_length:
        return f"must have at least {field.min_length} characters"
    if field.max_length is not None and len(value) > field.max_length:
        return f"must have at most {field.max_length} characters"
    if field.allowed is not None and value not in field.allowed:
        return f"must be one of {', '.join(field.allowed)}"
    return None


def _problem_with_tensor(field: Field, value: Any, shape: tuple[int, ...]) -> str | None:
    """Looks at every number, down to the first that does not fit."""
    if not shape:
        return _problem_with_number(field, value)
    if not isinstance(value, list) or len(value) != shape[0]:
        sizes = " × ".join(map(str, field.shape))
        found = f"are {len(value)}" if isinstance(value, list) else f"is {kind_of(value)}"
        return f"must be an array of {sizes} numbers; where {shape[0]} belong, there {found}"
    for item in value:
        if problem := _problem_with_tensor(field, item, shape[1:]):
            return problem
    return None


def _problem_with_number(field: Field, value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        kind = "number" if field.type == "tensor" else field.type
        return f"must be {_article(kind)}, not {kind_of(value)}"
    if field.type == "integer" and value != int(value):
        return "must be a whole number"
    if abs(value) > (LARGEST_INTEGER if field.type == "integer" else sys.float_info.max):
        return "is too large"
    if field.minimum is not None and value < field.minimum:
        return f"must be at least {field.minimum:g}"
    if field.maximum is not None and value > field.maximum:
        return f"must be at most {field.maximum:g}"
    return None


def _as_declared(field: Field, value: Any) -> Any:
    """23.0 is a whole number as JSON sees it, and 23 a number."""
    if field.type == "integer":
        return int(value)
    if field.type == "tensor":
        return _floats(value)
    return float(value) if field.type == "number" else value


def _floats(value: Any) -> Any:
    return [_floats(item) for item in value] if isinstance(value, list) else float(value)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def kind_of(value: Any) -> str:
    """The JSON type of a parsed value, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"
