"""Each measure of quality from its definition; every row counts by its weight.

With equal weights, and with scikit-learn's sample_weight otherwise, the figures are scikit-learn's.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from slipway.core.proportions import wilson_interval

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
CALIBRATION_BINS = 15
BOOTSTRAP_ROUNDS = 200
_LEAST_PROBABILITY = 1e-15


def share(hits: Flags, weights: Floats) -> float:
    """The weight of the rows that hit, over all weight; NaN of no rows."""
    total = float(weights.sum())
    return float(weights[hits].sum()) / total if total else math.nan


def f1_score(actual: Flags, predicted: Flags, weights: Floats) -> float:
    """Harmonic mean of precision and recall; 0 where both are."""
    both = float(weights[actual & predicted].sum())
    total = float(weights[actual].sum() + weights[predicted].sum())
    return 2 * both / total if total else 0.0


def area_under_roc(positive: Flags, scores: Floats, weights: Floats) -> float:
    """The chance that a positive row scores above a negative one, ties counting half; NaN with one class.

    Mann and Whitney (1947).
    """
    order = np.argsort(scores, kind="stable")
    scores, positive, weights = scores[order], positive[order], weights[order]
    up, down = np.where(positive, weights, 0.0), np.where(positive, 0.0, weights)
    if not up.sum() or not down.sum():
        return math.nan
    starts = np.flatnonzero(np.r_[True, scores[1:] != scores[:-1]])
    tied_up, tied_down = np.add.reduceat(up, starts), np.add.reduceat(down, starts)
    below = np.cumsum(tied_down) - tied_down
    return float((tied_up * (below + tied_down / 2)).sum() / (up.sum() * down.sum()))


def log_loss(true_probability: Floats, weights: Floats) -> float:
    """Mean of -ln(probability of the true class); 0 is best. Probabilities are kept above 1e-15."""
    losses = -np.log(np.maximum(true_probability, _LEAST_PROBABILITY))
    return float(np.average(losses, weights=weights))


def brier_score(probabilities: Floats, truth: NDArray[np.int64], weights: Floats) -> float:
    """Mean squared distance of probabilities and truth; 0 is best. Two classes: of the second.

    probabilities: shape (n, classes). truth: the true class's column. Brier (1950).
    """
    happened = np.zeros_like(probabilities)
    happened[np.arange(len(truth)), truth] = 1.0
    squared = (probabilities - happened) ** 2
    each = squared[:, 1] if probabilities.shape[1] == 2 else squared.sum(axis=1)
    return float(np.average(each, weights=weights))


def expected_calibration_error(
    confidence: Floats, correct: Flags, weights: Floats, bins: int = CALIBRATION_BINS
) -> float:
    """Mean distance of confidence and accuracy over equally wide bins, by their weight; 0 is best.

    Guo et al. (2017), On Calibration of Modern Neural Networks.
    """
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    apart = np.bincount(place, weights=weights * (confidence - correct), minlength=bins)
    return float(np.abs(apart).sum() / weights.sum())


def newcombe_interval(
    first: float, n_first: float, second: float, n_second: float
) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares, first - second.

    Newcombe (1998), Interval Estimation for the Difference Between Independent Proportions, method 10.
    """
    low_1, high_1 = wilson_interval(first, n_first)
    low_2, high_2 = wilson_interval(second, n_second)
    difference = first - second
    return (
        difference - math.hypot(first - low_1, high_2 - second),
        difference + math.hypot(high_1 - first, second - low_2),
    )


def bootstrap_interval(
    figure: Callable[[Floats], float], weights: Floats, seed: int = 20261123
) -> tuple[float, float]:
    """The 95 % percentile interval of figure(weights) over resamples of the rows. Efron (1979).

    Resamples on which the figure is undefined are left out; NaN where it always is.
    """
    n = len(weights)
    generator = np.random.default_rng(seed)
    drawn = [
        figure(weights * generator.multinomial(n, np.full(n, 1 / n)))
        for _ in range(BOOTSTRAP_ROUNDS)
    ]
    known = np.array([value for value in drawn if not math.isnan(value)])
    if not len(known):
        return math.nan, math.nan
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
