"""JSON from strangers: one reading of a body, or a fact that says why there is none.

The standard parser takes NaN, duplicate keys and lone surrogates and answers deep
nesting with a RecursionError; each of these is refused here, since two parsers that
read one body differently are how a check is bypassed.
"""

import json
import math
from typing import Any, NoReturn

import msgspec

from slipway.core.errors import InvalidInput, InvalidJSON, Problem
from slipway.core.json_oddities import first_oddity


def parse(body: bytes, *, max_depth: int) -> Any:
    """The value that `body` holds, as UTF-8 JSON with every key once and every number finite.

    Raises InvalidJSON for what is not JSON, and InvalidInput, with the path, for duplicate keys,
    NaN or Infinity, numbers beyond a double, lone surrogates and nesting beyond max_depth.
    """
    value = _read_plainly(body) if max_depth >= _DEPTH_OF_ROWS else None
    return _read_with_care(body, max_depth) if value is None else value


def _read_plainly(body: bytes) -> Any:
    """An object of fields, or of rows of fields, that holds nothing odd; None for whatever may.

    msgspec refuses all that is refused here but duplicate keys, of which it keeps the last. Each pair
    has one colon outside strings, so a pair that was dropped shows as colons that are not accounted for.
    """
    if b"\\u" in body:
        return None
    try:
        value = _PLAIN.decode(body)
    except (ValueError, RecursionError):
        return None
    colons = _colons(value)
    if colons < 0:
        return None
    for rows in value.values():
        if type(rows) is list:
            for row in rows:
                of_row = _colons(row)
                if of_row < 0 or any(type(item) is list for item in row.values()):
                    return None
                colons += of_row
    return value if colons == body.count(b":") else None


def _colons(value: Any) -> int:
    """How many an object's fields were written with; -1 for what is no object of plain values or lists."""
    if type(value) is not dict:
        return -1
    colons = len(value)
    for name, item in value.items():
        kind = type(item)
        if kind is str:
            colons += item.count(":")
        elif kind is dict or (kind is int and not -_LARGE < item < _LARGE):
            return -1
        colons += name.count(":")
    return colons


def _read_with_care(body: bytes, max_depth: int) -> Any:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise InvalidJSON(f"The body is not UTF-8: byte {wrong.start} cannot be read.") from None
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as wrong:
        where = f"line {wrong.lineno}, column {wrong.colno}"
        raise InvalidJSON(f"The body is not JSON: {wrong.msg} at {where}.") from None
    except RecursionError:
        raise _too_deep(max_depth) from None
    except _Odd:
        raise _describe(text, max_depth) from None
    except ValueError:
        raise _too_long() from None
    if body.count(b"[") + body.count(b"{") > max_depth and _is_deeper_than(value, max_depth):
        raise _too_deep(max_depth)
    if "\\u" in text and _holds_lone_surrogate(value):
        raise _describe(text, max_depth)
    return value


class _Odd(Exception):
    """The parser met what it accepts and we do not; where it was is found afterwards."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Odd
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise _Odd


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Odd
    return number


def _describe(text: str, max_depth: int) -> InvalidInput:
    """What is odd about a text that parses, with the path to it."""
    try:
        path, problem = first_oddity(text)
    except RecursionError:
        return _too_deep(max_depth)
    except ValueError:
        return _too_long()
    subject = f"Field '{path}'" if path else "The body"
    return InvalidInput(f"{subject} {problem}.", problems=(Problem(path, problem),))


def _too_deep(limit: int) -> InvalidInput:
    return InvalidInput(f"The JSON is nested deeper than {limit} levels.")


def _too_long() -> InvalidInput:
    """Python converts integers of at most 4,300 digits."""
    return InvalidInput("The JSON holds a number with too many digits.")


def _is_deeper_than(value: Any, limit: int) -> bool:
    """Level by level, so that a deep value costs no stack."""
    level = [value]
    for _ in range(limit + 1):
        level = [item for item in level if isinstance(item, dict | list)]
        if not level:
            return False
        level = [
            child for item in level for child in (item.values() if isinstance(item, dict) else item)
        ]
    return True


def _holds_lone_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def printable(text: str, limit: int = 64) -> str:
    """`text` from a stranger, short and encodable enough to stand in an error message."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= limit else clean[:limit] + "…"


_LARGE = 2**53
_DEPTH_OF_ROWS = 3
_PLAIN = msgspec.json.Decoder()
_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite
)
