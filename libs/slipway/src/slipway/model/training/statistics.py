"""Intervals and scores of classifiers, each from its definition."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def area_under_roc(positive: NDArray[np.bool_], scores: Floats) -> float:
    """The chance that a positive row scores above a negative one, ties counting half; NaN with one class.

    positive, scores: shape (n,). Mann and Whitney (1947).
    """
    positives, negatives = scores[positive], np.sort(scores[~positive])
    if not len(positives) or not len(negatives):
        return math.nan
    below = np.searchsorted(negatives, positives, side="left")
    not_above = np.searchsorted(negatives, positives, side="right")
    return float((below + not_above).sum() / (2 * len(positives) * len(negatives)))


def expected_calibration_error(confidence: Floats, correct: NDArray[np.bool_], bins: int) -> float:
    """Mean distance of confidence and accuracy over equally wide bins, weighed by their rows; 0 is best.

    confidence in 0..1 and correct: shape (n,). Guo et al. (2017), On Calibration of Modern Neural Networks.
    """
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    counts = np.bincount(place, minlength=bins)
    apart = np.bincount(place, weights=confidence - correct, minlength=bins)
    return float(np.abs(apart).sum() / counts.sum())


def bootstrap_interval(
    figure: Callable[[NDArray[np.int64]], float], n: int, seed: int, rounds: int = 500
) -> tuple[float, float]:
    """The 95 % percentile interval of figure(row numbers) over resamples of n rows.

    Efron (1979), Bootstrap Methods. Resamples on which the figure is undefined are left out.
    """
    generator = np.random.default_rng(seed)
    drawn = np.array([figure(generator.integers(0, n, n)) for _ in range(rounds)])
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return float(low), float(high)
