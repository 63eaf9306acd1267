"""From training rows to how their columns are encoded: quantiles, values, cells, a typical row."""

from collections import Counter
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from slipway.core.errors import DataInvalid
from slipway.model.families.tabular_config import (
    CategoryColumn,
    Cross,
    NumberColumn,
    Shape,
    TabularConfig,
    Target,
)
from slipway.model.families.tabular_features import values_of
from slipway.model.signature import Instance, Signature

_KNOTS = 129
_FURTHEST = 0.002  # the share of rows beyond the first knot, as a normal score
Floats = NDArray[np.float64]


class Derived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column made of two numeric fields."""

    name: str
    rule: Literal["ratio", "sum", "difference"]
    of: tuple[str, str]


class Crossing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two numeric fields whose plane is cut into cells, once for each number of cuts in `cells`."""

    columns: tuple[str, str]
    cells: tuple[int, ...] = (8, 16, 32, 64)


class EncodingOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """steps: of the piecewise linear encoding. bins: with a vector each; 0: none."""

    steps: int = 32
    bins: int = 0
    derived: tuple[Derived, ...] = ()
    crosses: tuple[Crossing, ...] = ()


def encoding_of(
    instances: Sequence[Instance],
    signature: Signature,
    options: EncodingOptions,
    shape: Shape,
    target: Target | None,
) -> TabularConfig:
    """Raises DataInvalid for a numeric field without any value."""
    fields = [f.name for f in signature.inputs if f.type in ("number", "integer")]
    plans: list[tuple[str, Any, tuple[str, ...]]] = [(name, "field", (name,)) for name in fields]
    plans += [(derived.name, derived.rule, derived.of) for derived in options.derived]
    numbers = [_number(name, rule, of, instances, options) for name, rule, of in plans]
    categories = [
        CategoryColumn(f.name, tuple(sorted({row[f.name] for row in instances} - {None})))
        for f in signature.inputs
        if f.type == "category"
    ]
    return TabularConfig(
        numbers=tuple(numbers),
        categories=tuple(categories),
        crosses=tuple(_crosses(instances, options)),
        shape=shape,
        typical={field.name: _typical(field.name, instances) for field in signature.inputs},
        target=target,
    )


def _number(
    name: str,
    rule: Any,
    of: tuple[str, ...],
    instances: Sequence[Instance],
    options: EncodingOptions,
) -> NumberColumn:
    values = values_of(NumberColumn(name, of, rule, (), ()), instances)
    known = values[~np.isnan(values)]
    if not len(known):
        raise DataInvalid(f"The column {name!r} has no value in any training row.")
    knots, scores = normal_scores(known)
    return NumberColumn(
        name=name,
        of=of,
        rule=rule,
        knots=knots,
        scores=scores,
        steps=steps_of(known, options.steps),
        bins=bins_of(known, options.bins),
    )


def normal_scores(values: Floats) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Quantiles, each once, and the standard normal's quantiles at the same shares."""
    shares = np.linspace(0, 1, _KNOTS)
    knots, first = np.unique(np.quantile(values, shares), return_index=True)
    last = np.append(first[1:], _KNOTS) - 1
    middle = np.clip((shares[first] + shares[last]) / 2, _FURTHEST, 1 - _FURTHEST)
    normal = NormalDist()
    return tuple(knots.tolist()), tuple(normal.inv_cdf(share) for share in middle.tolist())


def steps_of(values: Floats, count: int) -> tuple[float, ...]:
    """Edges between which there are equally many rows; none where there are no two different values."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, count + 1)))
    return tuple(edges.tolist()) if count and len(edges) > 1 else ()


def bins_of(values: Floats, count: int) -> tuple[float, ...]:
    """Inner edges: quantiles of the rows, and of the values that occur, so that what is rare but
    telling (a capital gain, say) is told apart too."""
    if not count:
        return ()
    shares = np.linspace(0, 1, count + 1)[1:-1]
    edges = [np.quantile(values, shares), np.quantile(np.unique(values), shares)]
    return tuple(np.unique(np.concatenate(edges)).tolist())


def _crosses(instances: Sequence[Instance], options: EncodingOptions) -> list[Cross]:
    found = []
    for crossing in options.crosses:
        columns = [
            values_of(NumberColumn(name, (name,), "field", (), ()), instances)
            for name in crossing.columns
        ]
        for cells in crossing.cells:
            shares = np.linspace(0, 1, cells + 1)[1:-1]
            first, second = (
                tuple(np.unique(np.nanquantile(values, shares)).tolist()) for values in columns
            )
            found.append(Cross(crossing.columns, (first, second)))
    return found


def _typical(name: str, instances: Sequence[Instance]) -> Any:
    """The median of numbers, the commonest category; a value that occurs."""
    known = [row[name] for row in instances if row[name] is not None]
    if not known:
        return None
    if isinstance(known[0], str):
        return min(Counter(known).items(), key=lambda item: (-item[1], item[0]))[0]
    return float(np.quantile(known, 0.5, method="lower"))
