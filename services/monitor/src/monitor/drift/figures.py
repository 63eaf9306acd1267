"""What is found out about one feature in one window."""

from collections.abc import Sequence
from typing import Literal, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitor.drift.histograms import LARGEST
from monitor.drift.limits import MIN_REFERENCE_ROWS, MIN_ROWS

Value = float | str | None
State = Literal["ok", "over", "insufficient_data"]


class Figure(msgspec.Struct, frozen=True):
    """A statistic's value and the threshold it is held against. decides: whether the verdict hangs on it."""

    value: float
    threshold: float
    decides: bool = False

    @classmethod
    def bounded(cls, value: float, threshold: float, decides: bool = False) -> Self:
        """One that every database and every chart takes, also where a deviation was next to nothing."""
        return cls(float(np.clip(value, -LARGEST, LARGEST)), threshold, decides)

    @property
    def over(self) -> bool:
        return abs(self.value) >= self.threshold


class FeatureDrift(msgspec.Struct, frozen=True):
    """What one window says of one feature. n: rows that have a value, weighted ones counted as so
    many equal ones. p_value: corrected for the number of features. cells: names of categories,
    else none; reference and current: shares of rows in each bin or category."""

    kind: Literal["number", "category"]
    state: State
    n: float
    p_value: float | None
    figures: dict[str, Figure]
    cells: tuple[str, ...]
    reference: tuple[float, ...]
    current: tuple[float, ...]


def state_before_judgement(n: float, m: int) -> State:
    """Whether n rows, held against m, say anything. Weights are not exact to the last digit."""
    return "ok" if n > MIN_ROWS - 0.5 and m >= MIN_REFERENCE_ROWS else "insufficient_data"


def shares_of(counts: NDArray[np.float64]) -> tuple[float, ...]:
    """Counts as shares; zeros of nothing."""
    total = float(counts.sum())
    return tuple((counts / total).tolist()) if total else tuple(0.0 for _ in counts)


def row_places(values: Sequence[Value], numbers: bool) -> list[int]:
    """The rows that have a value of the kind that the reference has."""
    if numbers:
        return [i for i, value in enumerate(values) if isinstance(value, int | float)]
    return [i for i, value in enumerate(values) if value is not None]
