"""What is watched of a text: numbers about its length and shape, never the text.

Computed for every event, so what is plain ASCII is counted by its bytes: a tenth of the time.
"""

from typing import NamedTuple

from slipway.model.families.base import FeatureValue


class Kinds(NamedTuple):
    """How many characters of a text are of each kind. marks: neither letter, digit nor space."""

    digits: int
    capitals: int
    marks: int
    non_ascii: int


def summary(text: str) -> dict[str, FeatureValue]:
    """Length in characters and words, mean word length, and shares (0 to 1) of kinds of characters."""
    words = text.split()
    length = len(text)
    per_character = 1.0 / length if length else 0.0
    kinds = _of_bytes(text.encode()) if text.isascii() else kinds_of(text)
    return {
        "characters": float(length),
        "words": float(len(words)),
        "word_length": sum(map(len, words)) / len(words) if words else 0.0,
        "digit_share": kinds.digits * per_character,
        "capital_share": kinds.capitals * per_character,
        "punctuation_share": kinds.marks * per_character,
        "non_ascii_share": kinds.non_ascii * per_character,
    }


def kinds_of(text: str) -> Kinds:
    """By what Unicode says of each character."""
    plain = sum(map(str.isalnum, text)) + sum(map(str.isspace, text))
    return Kinds(
        digits=sum(map(str.isdigit, text)),
        capitals=sum(map(str.isupper, text)),
        marks=len(text) - plain,
        non_ascii=sum(c > "\x7f" for c in text),
    )


def _kind(character: str) -> str:
    if character.isdigit():
        return "d"
    if character.isupper():
        return "u"
    return "o" if character.isalnum() or character.isspace() else "m"


_KINDS = "".join(_kind(chr(point)) for point in range(256)).encode()


def _of_bytes(text: bytes) -> Kinds:
    kinds = text.translate(_KINDS)
    return Kinds(kinds.count(b"d"), kinds.count(b"u"), kinds.count(b"m"), 0)
