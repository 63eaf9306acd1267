"""The share of requests that a canary answers at its step. Pure.

Callers are moved whole: with few keys, 5 % of them may be nobody, or one who seldom asks. A step
that would wait in vain for such callers is widened, up to the next one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

# By chance a share of callers asks a little less than its share; half of it is no chance any more.
_EXPECTED_TIMES = 2


def share_of(notes: Mapping[str, Any], ratios: Sequence[float]) -> float:
    """Of a record's notes: `ratio`, the place in the setting's steps, and `widened`, beyond it."""
    wider: float | None = notes.get("widened")
    return wider or ratios[notes["ratio"]]


def widened(
    notes: Mapping[str, Any], ratios: Sequence[float], asked: int, answered: int, needed: int
) -> dict[str, Any] | None:
    """The notes of a wider step; None where waiting will do.

    asked: requests of both versions since the step began, answered: the canary's of them. It is
    widened where its share of them would have been twice what is needed, and was not half of that.
    """
    share, place = share_of(notes, ratios), notes["ratio"]
    last = place + 1 == len(ratios)
    if last or answered >= needed or share * asked < _EXPECTED_TIMES * needed:
        return None
    if 2 * share < ratios[place + 1]:
        return {"widened": 2 * share}
    return {"ratio": place + 1, "widened": None}
