"""How far off the numbers of a regression probably are, before labels come.

It has no confidence, but its intervals have a width: by what intervals of such a width meant on
held-back rows, the mean distance from the truth and the coverage are expected. It holds as long
as a given width means what it meant.
"""

import math

import numpy as np

from monitor.drift.reference import WidthCalibration
from monitor.quality.estimating import Estimate, Floats, isotonic


def expected_errors(
    calibration: WidthCalibration, widths: Floats, weights: Floats
) -> tuple[Estimate, Estimate]:
    """(mean absolute error, interval coverage) of rows whose intervals have these widths.

    widths, weights: shape (n,). Between bins the distance follows the width by interpolation,
    beyond the first and last in proportion to it. Raises ValueError for a calibration without a row.
    """
    if not calibration.counts or min(calibration.counts) == 0:
        raise ValueError("a calibration without a row says nothing")
    counts = np.array(calibration.counts, dtype=np.float64)
    places, mass = (
        _places_between(np.array(calibration.mean_width), widths),
        weights / weights.sum(),
    )
    scale = _beyond(np.array(calibration.mean_width), widths)
    distance = isotonic(np.array(calibration.mean_distance), counts)
    variance = np.array(calibration.variance_of_distance)
    covered = np.array(calibration.covered)
    return (
        _expected("mae", places, mass, scale, distance, variance, counts, math.inf),
        _expected(
            "interval_coverage",
            places,
            mass,
            np.ones(len(widths)),
            covered,
            # Agresti and Coull's two successes and two failures: a bin of three is not certain.
            (smoothed := (covered * counts + 2) / (counts + 4)) * (1 - smoothed),
            counts,
            1.0,
        ),
    )


def _places_between(knots: Floats, values: Floats) -> Floats:
    """How much of each bin is in each row: shape (rows, bins), rows sum to 1."""
    return np.stack([np.interp(values, knots, bin_) for bin_ in np.eye(len(knots))], axis=1)


def _beyond(knots: Floats, values: Floats) -> Floats:
    """The factor by which a width is outside what was seen; 1 inside."""
    inside = np.clip(values, knots[0], knots[-1])
    return np.divide(values, inside, out=np.ones(len(values)), where=inside > 0)


def _expected(
    metric: str,
    places: Floats,
    mass: Floats,
    scale: Floats,
    means: Floats,
    variances: Floats,
    counts: Floats,
    most: float,
) -> Estimate:
    """The mean over rows, its variance from the labels' own chance and from the calibration's."""
    value = float(mass @ (scale * (places @ means)))
    of_labels = float((mass * scale) ** 2 @ (places @ variances))
    of_calibration = float(((mass * scale) @ places) ** 2 @ (variances / counts))
    error = 1.96 * math.sqrt(of_labels + of_calibration)
    low, high = max(0.0, value - error), min(most, value + error)
    return Estimate(value, low, high, 1 / float(mass @ mass), metric)
