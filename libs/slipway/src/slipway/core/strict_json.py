"""JSON from strangers: one reading of a body, or a fact that says why there is none.

The standard parser takes NaN, duplicate keys and lone surrogates and answers deep
nesting with a RecursionError; each of these is refused here, since two parsers that
read one body differently are how a check is bypassed.
"""

import json
import math
from typing import Any, NoReturn

from slipway.core.errors import InvalidInput, InvalidJSON, Problem


def parse(body: bytes, *, max_depth: int) -> Any:
    """The value that `body` holds, as UTF-8 JSON with every key once and every number finite.

    Raises InvalidJSON for what is not JSON, and InvalidInput for duplicate keys, NaN or
    Infinity, numbers beyond a double, lone surrogates and nesting beyond max_depth.
    """
    if _has_more_brackets_than(body, max_depth) and _nests_deeper_than(body, max_depth):
        raise InvalidInput(f"The JSON is nested deeper than {max_depth} levels.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise InvalidJSON(f"The body is not UTF-8: byte {wrong.start} cannot be read.") from None
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as wrong:
        where = f"line {wrong.lineno}, column {wrong.colno}"
        raise InvalidJSON(f"The body is not JSON: {wrong.msg} at {where}.") from None
    except ValueError:  # an integer of more digits than Python converts
        raise InvalidInput("The JSON holds a number that is too long.") from None
    if "\\u" in text:
        _refuse_lone_surrogates(value)
    return value


def _has_more_brackets_than(body: bytes, limit: int) -> bool:
    return body.count(b"[") + body.count(b"{") > limit


def _nests_deeper_than(body: bytes, limit: int) -> bool:
    """Whether brackets outside strings nest more than `limit` deep; stops where they first do."""
    depth = 0
    inside = escaped = False
    for byte in body:
        if inside:
            if escaped:
                escaped = False
            elif byte == ord("\\"):
                escaped = True
            elif byte == ord('"'):
                inside = False
        elif byte == ord('"'):
            inside = True
        elif byte in b"[{":
            depth += 1
            if depth > limit:
                return True
        elif byte in b"]}":
            depth -= 1
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(
            "A key appears twice in one object.",
            problems=(Problem(printable(twice), "appears twice"),),
        )
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidInput(f"{name} is not a number that JSON knows.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise InvalidInput("The JSON holds a number that is too large for a double.")
    return number


def _refuse_lone_surrogates(value: Any) -> None:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            try:
                item.encode("utf-8")
            except UnicodeEncodeError:
                raise InvalidInput(
                    "A text holds a lone surrogate, which is no character."
                ) from None
        elif isinstance(item, dict):
            pending.extend(item.keys())
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)


def printable(text: str, limit: int = 64) -> str:
    """`text` from a stranger, short and encodable enough to stand in an error message."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= limit else clean[:limit] + "…"


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite
)
