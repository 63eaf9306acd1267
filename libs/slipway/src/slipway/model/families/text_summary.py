"""What is watched of a text: numbers about its length and shape, never the text."""

from slipway.model.families.base import FeatureValue


def summary(text: str) -> dict[str, FeatureValue]:
    """Length in characters and words, mean word length, and shares (0 to 1) of kinds of characters."""
    words = text.split()
    length = len(text)
    per_character = 1.0 / length if length else 0.0
    plain = sum(map(str.isalnum, text)) + sum(map(str.isspace, text))
    return {
        "characters": float(length),
        "words": float(len(words)),
        "word_length": sum(map(len, words)) / len(words) if words else 0.0,
        "digit_share": sum(map(str.isdigit, text)) * per_character,
        "capital_share": sum(map(str.isupper, text)) * per_character,
        "punctuation_share": (length - plain) * per_character,
        "non_ascii_share": 0.0 if text.isascii() else sum(c > "\x7f" for c in text) * per_character,
    }
