"""Where in a JSON text is what parsers disagree about? Asked only of a text that is refused."""

import json
import math
from collections.abc import Iterator
from typing import Any


class _Object(list[tuple[str, Any]]):
    """An object as its pairs, so that a key which appears twice is still seen."""


def first_oddity(text: str) -> tuple[str, str]:
    """The path, as `instances[3].age`, and what is wrong there, in words.

    Raises ValueError where nothing is.
    """
    value = _DECODER.decode(text)
    for found in _oddities(value, ""):
        return found
    raise ValueError("nothing is odd")


def _oddities(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, _Object):
        seen = set()
        for key, inner in value:
            below = f"{path}.{_clean(key)}" if path else _clean(key)
            if key in seen:
                yield below, "appears twice"
            if _is_lone(key):
                yield path, "has a key with a lone surrogate, which is no character"
            seen.add(key)
            yield from _oddities(inner, below)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _oddities(inner, f"{path}[{index}]")
    elif isinstance(value, float) and not math.isfinite(value):
        yield path, "must be a finite number"
    elif isinstance(value, str) and _is_lone(value):
        yield path, "holds a lone surrogate, which is no character"


def _is_lone(text: str) -> bool:
    return _clean(text, limit=len(text)) != text


def _clean(text: str, limit: int = 64) -> str:
    return text[:limit].encode("utf-8", "replace").decode("utf-8")


_DECODER = json.JSONDecoder(object_pairs_hook=_Object)
