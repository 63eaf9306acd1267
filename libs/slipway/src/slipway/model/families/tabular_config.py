"""config.json of the tabular families: how columns become numbers, and the network's shape."""

from typing import Any, Literal

import msgspec


class NumberColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A numeric field, or one derived from two of them, and how it is cut.

    knots → scores: values and their normal scores, interpolated between. steps: edges of the
    piecewise linear encoding (none or at least two). bins: inner edges of bins with a vector each.
    """

    name: str
    of: tuple[str, ...]
    rule: Literal["field", "ratio", "sum", "difference"]
    knots: tuple[float, ...]
    scores: tuple[float, ...]
    steps: tuple[float, ...] = ()
    bins: tuple[float, ...] = ()


class CategoryColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field of categories. values: those seen in training, in order."""

    name: str
    values: tuple[str, ...]


class Cross(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two numeric columns cut into cells with a vector each. edges: inner edges, of each column."""

    columns: tuple[str, str]
    edges: tuple[tuple[float, ...], tuple[float, ...]]


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """members: how many networks answer together. dimensions: the width of each vector."""

    dimensions: int = 8
    members: int = 1
    width: int = 64
    layers: int = 2


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of a regression. margin: what calibration widened the interval by (or narrowed it, below 0)
    so that it covers `coverage` of held-back rows; both in the target's unit, as centre and scale."""

    centre: float
    scale: float
    coverage: float = 0.9
    margin: float = 0.0


class TabularConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """typical: an instance of medians and commonest values, which explanations start from."""

    numbers: tuple[NumberColumn, ...]
    categories: tuple[CategoryColumn, ...]
    crosses: tuple[Cross, ...]
    shape: Shape
    typical: dict[str, Any]
    target: Target | None = None

    def cardinalities(self) -> list[int]:
        """How many vectors each embedded column has; the first stands for a missing or unseen value."""
        return [
            *(len(column.values) + 2 for column in self.categories),
            *(len(column.bins) + 2 for column in self.numbers if column.bins),
            *((len(c.edges[0]) + 1) * (len(c.edges[1]) + 1) + 1 for c in self.crosses),
        ]

    def widths(self) -> int:
        """How many plain numbers a row becomes."""
        steps = sum(max(0, len(column.steps) - 1) for column in self.numbers)
        return steps + 2 * len(self.numbers)
