"""Rows of fields as the arrays that a tabular network takes.

Each number becomes its normal score and its piecewise linear encoding (Gorishniy et al. 2022,
On Embeddings for Numerical Features in Tabular Deep Learning), and may have a vector for its bin.
What is missing has a flag, and a vector of its own; so has a category that training never saw.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from slipway.model.families.tabular_config import Cross, NumberColumn, TabularConfig
from slipway.model.signature import Instance

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
MISSING, UNSEEN, FIRST = 0, 1, 2
# How far beyond the first and the last step a value may reach, in widths of that step.
_REACH = 3.0


class TabularFeatures:
    """The encoding of one config, with what can be computed once."""

    def __init__(self, config: TabularConfig) -> None:
        self._config = config
        self._places = [
            {value: place for place, value in enumerate(column.values, start=FIRST)}
            for column in config.categories
        ]
        self._binned = [column for column in config.numbers if column.bins]

    def arrays(self, instances: Sequence[Instance]) -> dict[str, NDArray[np.generic]]:
        """numbers: shape (rows, widths), embedded: shape (rows, embedded columns)."""
        columns = {c.name: values_of(c, instances) for c in self._config.numbers}
        plain = [encode(column, columns[column.name]) for column in self._config.numbers]
        embedded = [
            *(self._categories(index, instances) for index in range(len(self._places))),
            *(binned(column, columns[column.name]) for column in self._binned),
            *(crossed(cross, columns) for cross in self._config.crosses),
        ]
        rows = len(instances)
        return {
            "numbers": np.concatenate(plain, axis=1) if plain else np.zeros((rows, 0)),
            "embedded": np.stack(embedded, axis=1) if embedded else np.zeros((rows, 0), np.int64),
        }

    def _categories(self, index: int, instances: Sequence[Instance]) -> Integers:
        name, places = self._config.categories[index].name, self._places[index]
        found = [
            MISSING if row[name] is None else places.get(row[name], UNSEEN) for row in instances
        ]
        return np.array(found, dtype=np.int64)

    def unseen(self, instance: Instance) -> list[str]:
        """Fields whose category training never saw."""
        return [
            column.name
            for column, places in zip(self._config.categories, self._places, strict=True)
            if instance[column.name] is not None and instance[column.name] not in places
        ]


def values_of(column: NumberColumn, instances: Sequence[Instance]) -> Floats:
    """The column's value in each row; NaN where a field is missing, or a ratio has nothing below."""
    fields: list[Floats] = [
        np.array([np.nan if row[name] is None else row[name] for row in instances], dtype=float)
        for name in column.of
    ]
    if column.rule == "field":
        return fields[0]
    first, second = fields
    if column.rule == "sum":
        return np.add(first, second)
    if column.rule == "difference":
        return np.subtract(first, second)
    return np.divide(first, second, out=np.full_like(first, np.nan), where=second != 0)


def encode(column: NumberColumn, values: Floats) -> Floats:
    """The normal score, whether it is missing, and the steps; shape (rows, 2 + steps)."""
    missing = np.isnan(values)
    known = np.where(missing, column.knots[0], values)
    score = np.where(missing, 0.0, np.interp(known, column.knots, column.scores))
    parts = [score[:, None], missing[:, None].astype(float)]
    if column.steps:
        parts.append(np.where(missing[:, None], 0.0, piecewise_linear(column.steps, known)))
    return np.concatenate(parts, axis=1)


def piecewise_linear(edges: Sequence[float], values: Floats) -> Floats:
    """For each step: 0 before it, 1 behind it, the share of it between; open at both ends."""
    low, high = np.array(edges[:-1]), np.array(edges[1:])
    share = (values[:, None] - low) / (high - low)
    floor, ceiling = np.zeros(len(low)), np.ones(len(low))
    floor[0], ceiling[-1] = -_REACH, _REACH
    return np.asarray(np.clip(share, floor, ceiling))


def binned(column: NumberColumn, values: Floats) -> Integers:
    """The number of the value's bin, counted from 1; 0 where it is missing."""
    place = np.searchsorted(column.bins, values, side="right") + 1
    return np.where(np.isnan(values), MISSING, place).astype(np.int64)


def crossed(cross: Cross, columns: Mapping[str, Floats]) -> Integers:
    """The number of the cell that two values fall into, counted from 1; 0 where one is missing."""
    first, second = (columns[name] for name in cross.columns)
    row = np.searchsorted(cross.edges[0], first, side="right")
    column = np.searchsorted(cross.edges[1], second, side="right")
    place = row * (len(cross.edges[1]) + 1) + column + 1
    return np.where(np.isnan(first) | np.isnan(second), MISSING, place).astype(np.int64)
