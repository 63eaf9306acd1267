"""Rows as counts: over the reference's bins, or over categories."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Beyond so many categories the rarest are one, since rare ones are noise in any window.
MAX_CATEGORIES = 50
OTHERS = "(others)"
LARGEST = 1e100


def as_sampled(values: Floats) -> Floats:
    """Values as exactly as a reference's sample has them, with six digits: otherwise one of seven
    digits would not be equal to itself."""
    return np.array([float(f"{value:.6g}") for value in bounded(values).tolist()], np.float64)


def bounded(values: Floats) -> Floats:
    """Values no larger than 1e100, so that their squares and sums are numbers."""
    return np.clip(values, -LARGEST, LARGEST)


def counts_over_bins(values: Floats, edges: Floats, weights: Floats | None = None) -> Floats:
    """How much weight falls into each bin.

    edges: shape (bins - 1,), inner edges, rising; a value on an edge belongs to the bin above
    it; the outer bins are open. weights: shape of values, 1 each when None.
    """
    place = np.searchsorted(edges, values, side="right")
    return np.bincount(place, weights=weights, minlength=len(edges) + 1).astype(np.float64)


def counts_of_categories(values: Sequence[str], weights: Floats | None = None) -> dict[str, float]:
    """How much weight each category has."""
    found: dict[str, float] = {}
    shares = np.ones(len(values)) if weights is None else weights
    for value, share in zip(values, shares.tolist(), strict=True):
        found[value] = found.get(value, 0.0) + share
    return found


def aligned(
    reference: Mapping[str, float], current: Mapping[str, float]
) -> tuple[list[str], Floats, Floats]:
    """Two countings over the same categories: their names, and each one's counts.

    The reference's most frequent come first; its rarest, and what only the current rows have,
    are one category each: `(others)` and whatever it is called.
    """
    ordered = sorted(reference, key=lambda name: (-reference[name], name))
    named = ordered[:MAX_CATEGORIES]
    known = set(named)
    rest_before = sum(reference[name] for name in ordered[MAX_CATEGORIES:])
    rest_now = sum(count for name, count in current.items() if name not in known)
    before = [reference[name] for name in named]
    now = [current.get(name, 0.0) for name in named]
    if rest_before or rest_now:
        named, before, now = [*named, OTHERS], [*before, rest_before], [*now, rest_now]
    return named, np.array(before, dtype=np.float64), np.array(now, dtype=np.float64)


def effective_rows(weights: Floats) -> float:
    """How many rows of equal weight say as much as these.

    Kish (1965), Survey Sampling. Equal weights: their number. No rows: 0.
    """
    total = float(weights.sum())
    return total * total / float((weights * weights).sum()) if len(weights) and total else 0.0
