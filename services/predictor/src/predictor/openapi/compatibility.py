"""Which differences between two descriptions would break a client that was written to the first?"""

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]
_LOWER_BOUNDS = ("minimum", "minLength", "minItems")
_UPPER_BOUNDS = ("maximum", "maxLength", "maxItems")


def breaking_changes(old: Document, new: Document) -> list[str]:
    """Each in words, with its place: what was taken is refused now, or what was promised is gone."""
    return list(_paths(old, new))


def _paths(old: Document, new: Document) -> Iterator[str]:
    for path, operations in old["paths"].items():
        for method, before in operations.items():
            after = new["paths"].get(path, {}).get(method)
            where = f"{method.upper()} {path}"
            if after is None:
                yield f"{where} is gone"
            else:
                yield from _operation(where, (old, before), (new, after))


Part = tuple[Document, Any]  # the whole document, and a part of it


def _operation(where: str, old: Part, new: Part) -> Iterator[str]:
    yield from _parameters(where, old[1], new[1])
    if "requestBody" not in old[1] and new[1].get("requestBody", {}).get("required"):
        yield f"{where} needs a body now"
    yield from _contents(f"{where} body", _body(old), _body(new), accepting=True)
    for status, before in old[1]["responses"].items():
        after = new[1]["responses"].get(status)
        if after is None:
            if status.startswith("2"):
                yield f"{where} no longer answers {status}"
            continue
        yield from _contents(
            f"{where} {status}",
            (old[0], before.get("content", {})),
            (new[0], after.get("content", {})),
            accepting=False,
        )


def _body(part: Part) -> Part:
    return part[0], part[1].get("requestBody", {}).get("content", {})


def _parameters(where: str, old: Any, new: Any) -> Iterator[str]:
    known = {(p["name"], p["in"]) for p in old.get("parameters", ()) if p.get("required")}
    for parameter in new.get("parameters", ()):
        if parameter.get("required") and (parameter["name"], parameter["in"]) not in known:
            yield f"{where} needs the parameter {parameter['name']} now"


def _contents(where: str, old: Part, new: Part, *, accepting: bool) -> Iterator[str]:
    for kind, before in old[1].items():
        if kind not in new[1]:
            yield f"{where} has no {kind} any more"
            continue
        after = new[1][kind]
        yield from _schema(where, (old[0], before["schema"]), (new[0], after["schema"]), accepting)


def _schema(where: str, old: Part, new: Part, accepting: bool) -> Iterator[str]:
    """accepting: whether clients send it (it may only widen) or get it (it may only narrow)."""
    before, after = _resolved(old), _resolved(new)
    if before == after and old[0] is new[0]:
        return
    for word in ("oneOf", "anyOf"):
        alternatives, now = before.get(word, []), after.get(word, [])
        if len(now) < len(alternatives) and accepting:
            yield f"{where} takes fewer forms"
        for index, (left, right) in enumerate(zip(alternatives, now, strict=False)):
            yield from _schema(f"{where}/{index}", (old[0], left), (new[0], right), accepting)
    yield from _values(where, before, after, accepting)
    yield from _properties(where, (old[0], before), (new[0], after), accepting)
    if "items" in before and "items" in after:
        yield from _schema(
            f"{where}[]", (old[0], before["items"]), (new[0], after["items"]), accepting
        )


def _values(where: str, old: Any, new: Any, accepting: bool) -> Iterator[str]:
    narrow, wide = (new, old) if accepting else (old, new)
    if "type" in narrow and not _types(wide) <= _types(narrow):
        yield f"{where} has another type"
    if "enum" in narrow and not set(wide.get("enum", [_ANY])) <= set(narrow["enum"]):
        yield f"{where} {'takes fewer' if accepting else 'has other'} values"
    if not accepting:
        return
    for word in _LOWER_BOUNDS:
        if word in new and new[word] > old.get(word, float("-inf")):
            yield f"{where} has a higher {word}"
    for word in _UPPER_BOUNDS:
        if word in new and new[word] < old.get(word, float("inf")):
            yield f"{where} has a lower {word}"


_ANY = object()


def _types(schema: Any) -> set[str]:
    kinds = schema.get("type", _ANY)
    found = set(kinds) if isinstance(kinds, list) else {kinds}
    return found | ({"integer"} if "number" in found else set())


def _properties(where: str, old: Part, new: Part, accepting: bool) -> Iterator[str]:
    before, after = old[1].get("properties", {}), new[1].get("properties", {})
    was, now = set(old[1].get("required", ())), set(new[1].get("required", ()))
    for name in before:
        if name not in after:
            yield f"{where}.{name} is gone"
        else:
            yield from _schema(
                f"{where}.{name}", (old[0], before[name]), (new[0], after[name]), accepting
            )
    stricter = sorted(now - was if accepting else (was - now) & after.keys())
    for name in stricter:
        yield f"{where}.{name} is {'required' if accepting else 'optional'} now"


def _resolved(part: Part) -> Any:
    document, schema = part
    while "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        schema = document["components"]["schemas"][name]
    return schema
