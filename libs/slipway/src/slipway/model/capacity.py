"""How fast a model answers on this machine, by how many rows it is given at once."""

import time
from bisect import bisect_left
from collections.abc import Callable, Sequence

import msgspec

from slipway.model.signature import Instance

_ROWS = (1, 4, 16, 64)
# Measuring ends early for a model that is slow: what is known by then decides.
_BUDGET_SECONDS = 0.15
# What is quick is run more often: on a busy machine one of two may well have been held up twice.
_RUNS, _QUICK_SECONDS = 6, 0.015
# More rows at once are worth it while they make rows this much cheaper.
_WORTH = 0.93
# Where rows still got cheaper when measuring ended: as many as take so long at the last measured cost.
_LONGEST_SECONDS = 0.25


class Capacity(msgspec.Struct, frozen=True):
    """Seconds that so many rows took. best_rows: as many as are worth computing together."""

    rows: tuple[int, ...] = (1, 64)
    seconds: tuple[float, ...] = (0.0001, 0.0064)
    best_rows: int = 64

    def seconds_for(self, rows: int) -> float:
        """Between two measured sizes a straight line, beyond the largest in proportion."""
        at = bisect_left(self.rows, rows)
        if at == len(self.rows):
            return self.seconds[-1] * rows / self.rows[-1]
        if at == 0:
            return self.seconds[0]
        (few, many), (less, more) = self.rows[at - 1 : at + 1], self.seconds[at - 1 : at + 1]
        return less + (more - less) * (rows - few) / (many - few)

    def together(self, rows: int) -> "Capacity":
        """The same times, with so many rows computed together, whatever was measured."""
        return msgspec.structs.replace(self, best_rows=rows)


UNMEASURED = Capacity()


def measured(predict: Callable[[Sequence[Instance]], object], rows: Sequence[Instance]) -> Capacity:
    """Runs `predict` over growing numbers of these rows, the best of a few runs each."""
    sizes: list[int] = []
    seconds: list[float] = []
    began = time.perf_counter()
    predict([rows[0]])
    for size in _ROWS:
        asked = [rows[at % len(rows)] for at in range(size)]
        sizes.append(size)
        took = [_timed(predict, asked), _timed(predict, asked)]
        while len(took) < _RUNS and sum(took) < _QUICK_SECONDS:
            took.append(_timed(predict, asked))
        seconds.append(min(took))
        if time.perf_counter() - began > _BUDGET_SECONDS:
            break
    return Capacity(tuple(sizes), tuple(seconds), _best(sizes, seconds))


def _timed(predict: Callable[[Sequence[Instance]], object], rows: Sequence[Instance]) -> float:
    began = time.perf_counter()
    predict(rows)
    return time.perf_counter() - began


def _best(sizes: Sequence[int], seconds: Sequence[float]) -> int:
    """The smallest size beyond which rows get hardly cheaper; unmeasured ones are believed to."""
    each = [took / size for size, took in zip(sizes, seconds, strict=True)]
    cheapest = min(each)
    best = next(size for size, cost in zip(sizes, each, strict=True) if cost * _WORTH <= cheapest)
    if best == sizes[-1] < _ROWS[-1]:
        return max(best, min(_ROWS[-1], int(_LONGEST_SECONDS / each[-1])))
    return best
