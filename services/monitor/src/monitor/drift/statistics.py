"""How far two samples differ: one function a statistic, each from its definition.

Each takes what it needs and nothing else: no reference file, no threshold, no clock.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
# An empty cell counts as this share, so that one missing category is not infinitely far.
EMPTY_CELL_SHARE = 1e-4


def population_stability_index(reference: Floats, current: Floats) -> float:
    """How far two histograms over the same bins differ: 0 is alike, above 0.2 commonly means drift.

    reference, current: shape (bins,), counts. Raises ValueError when lengths differ or one is
    empty. Siddiqi (2006), Credit Risk Scorecards, ch. 6.
    """
    before, now = _shares(reference, current)
    before, now = np.maximum(before, EMPTY_CELL_SHARE), np.maximum(now, EMPTY_CELL_SHARE)
    return float(((now - before) * np.log(now / before)).sum())


def psi_without_drift(bins: int, n: float, m: float, confidence: float) -> float:
    """What the index stays under, with this confidence, when nothing has changed.

    n, m: rows of the window and of the reference. Under no drift the index is about
    chi-squared with bins - 1 degrees of freedom, times 1/n + 1/m. One bin: 0.
    """
    if bins < 2:
        return 0.0
    return float(stats.chi2.ppf(confidence, bins - 1)) * (1 / n + 1 / m)


def jensen_shannon_distance(reference: Floats, current: Floats) -> float:
    """The distance of two histograms over the same cells, in bits: 0 alike, 1 nothing in common.

    reference, current: shape (cells,), counts. The square root of the divergence. Raises
    ValueError as above. Endres and Schindelin (2003), A New Metric for Probability Distributions.
    """
    before, now = _shares(reference, current)
    middle = (before + now) / 2
    divergence = (_relative_entropy(before, middle) + _relative_entropy(now, middle)) / 2
    return math.sqrt(max(0.0, divergence))


def _relative_entropy(shares: Floats, other: Floats) -> float:
    some = shares > 0
    return float((shares[some] * np.log2(shares[some] / other[some])).sum())


def jensen_shannon_without_drift(cells: int, n: float, m: float, confidence: float) -> float:
    """What the distance stays under, with this confidence, when nothing has changed.

    For small differences the divergence in bits is the stability index over 8 ln 2.
    """
    return math.sqrt(psi_without_drift(cells, n, m, confidence) / (8 * math.log(2)))


def kolmogorov_smirnov(reference: Floats, current: Floats, weights: Floats) -> tuple[float, float]:
    """(the largest distance of two distribution functions, its two-sided p-value).

    reference: shape (m,), sorted. current, weights: shape (n,). The p-value is the asymptotic
    one, over the effective number of rows; with equal weights both are scipy's ks_2samp.
    """
    order = np.argsort(current, kind="stable")
    values, mass = current[order], np.cumsum(weights[order])
    places = np.unique(np.concatenate([reference, values]))
    before = np.searchsorted(reference, places, side="right") / len(reference)
    reached = np.concatenate([[0.0], mass / mass[-1]])
    now = reached[np.searchsorted(values, places, side="right")]
    distance = float(np.abs(before - now).max())
    total = float(weights.sum())
    n = total * total / float((weights * weights).sum())
    together = n * len(reference) / (n + len(reference))
    return distance, float(stats.kstwo.sf(distance, max(1, round(together))))


def means_p_value(before: tuple[float, float, float], now: tuple[float, float, float]) -> float:
    """The two-sided p-value of two samples having one mean; 1 where neither varies.

    before, now: (mean, variance, rows). By the normal distribution, which Student's is near to
    with hundreds of rows. Welch (1947).
    """
    error = math.sqrt(before[1] / before[2] + now[1] / now[2])
    return float(2 * stats.norm.sf(abs(now[0] - before[0]) / error)) if error else 1.0


def wasserstein_distance(reference: Floats, current: Floats, weights: Floats) -> float:
    """How far the reference's mass has to be moved on average, in the feature's unit."""
    return float(stats.wasserstein_distance(reference, current, None, weights))


def chi_squared_p_value(reference: Floats, current: Floats) -> float:
    """The p-value of both histograms being draws from one distribution; 1 with a single cell.

    reference, current: shape (cells,), counts. Cells that are too rare for the approximation
    (under 5 expected) are taken together, the rarest first.
    """
    table = _without_rare_cells(np.vstack([reference, current]))
    if table.shape[1] < 2:
        return 1.0
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def _without_rare_cells(table: Floats) -> Floats:
    table = table[:, table.sum(axis=0) > 0]
    rows, total = table.sum(axis=1), table.sum()
    if not total or not rows.all():
        raise ValueError("a histogram without a row cannot be compared")
    needed = 5 * total / rows.min()
    order = np.argsort(table.sum(axis=0), kind="stable")
    table = table[:, order]
    while table.shape[1] > 1 and table[:, 0].sum() < needed:
        merged = table[:, 0] + table[:, 1]
        table = np.column_stack([merged, table[:, 2:]])
        table = table[:, np.argsort(table.sum(axis=0), kind="stable")]
    return table


def weighted_mean_and_variance(values: Floats, weights: Floats) -> tuple[float, float]:
    """Of a population: the variance divides by the weights' sum."""
    mean = float(np.average(values, weights=weights))
    return mean, float(np.average((values - mean) ** 2, weights=weights))


def weighted_median(values: Floats, weights: Floats) -> float:
    """The lowest value up to which at least half of the weight lies."""
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(mass, mass[-1] / 2)])


def holm(p_values: dict[str, float]) -> dict[str, float]:
    """P-values of several questions asked at once, so that one of them being below a level by
    chance is as unlikely as that level says. Holm (1979)."""
    ordered = sorted(p_values, key=lambda name: p_values[name])
    corrected: dict[str, float] = {}
    highest = 0.0
    for place, name in enumerate(ordered):
        highest = max(highest, min(1.0, (len(ordered) - place) * p_values[name]))
        corrected[name] = highest
    return corrected


def _shares(reference: Floats, current: Floats) -> tuple[Floats, Floats]:
    if len(reference) != len(current):
        raise ValueError(f"{len(reference)} cells cannot be compared with {len(current)}")
    before, now = float(np.sum(reference)), float(np.sum(current))
    if before <= 0 or now <= 0:
        raise ValueError("a histogram without a row cannot be compared")
    return np.asarray(reference, np.float64) / before, np.asarray(current, np.float64) / now
