"""An alert's expression without the comparisons that decide: what is left must have data."""

import re

_NUMBER = r"[0-9.]+(?:e[+-]?\d+)?(?:\s*\*\s*[0-9.]+)?"
_WITH_NUMBER = rf"\s*(?:[<>]=?|==|!=)\s*{_NUMBER}(?![0-9.]|\s*\*\s*[a-z])"
_WITH_SERIES = r"\s>\s+(on \([^)]*\)(?: group_left \(\))?)"
_STRING = r'"(?:[^"\\]|\\.)*"'


def without_comparison(expression: str) -> str:
    """`a / b > 0.1` becomes `a / b`; `a > on (x) b` becomes a sum; `a unless on (x) b` an `and`."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\0{len(kept) - 1}\0"

    text = re.sub(rf"\{{[^{{}}]*\}}|{_STRING}", keep, expression)
    text = re.sub(_WITH_SERIES, r" + \1", text)
    text = re.sub(_WITH_NUMBER, "", text)
    text = re.sub(r"\s<=\s", " + ", text).replace(" unless ", " and ")
    text = re.sub(r"\bunless\b", "and", text)
    return re.sub("\0(\\d+)\0", lambda found: kept[int(found[1])], text)
