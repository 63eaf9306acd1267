"""How good the predictions probably are, before labels come.

Confidence is turned into the chance of being right by what held-back rows showed (isotonic
regression, so that more confident is never less likely right); the mean of those chances over a
window is its expected accuracy. It holds as long as a given confidence means what it meant:
when the world has changed in other ways, labels will tell, and by how much it was off.

Zadrozny and Elkan (2002), Transforming Classifier Scores into Accurate Multiclass Probability Estimates.
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitor.drift.reference import Calibration

Floats = NDArray[np.float64]


class Estimate(msgspec.Struct, frozen=True):
    """Expected figure of n rows with a 95 % interval: of what labels would show for these rows.

    metric: accuracy, mae (in the output's unit) or interval_coverage.
    """

    value: float
    low: float
    high: float
    n: float
    metric: str = "accuracy"


def isotonic(values: Floats, weights: Floats) -> Floats:
    """The rising sequence that is nearest to `values`, by weighted squares.

    Pool adjacent violators: Ayer et al. (1955).
    """
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many values
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (a, wa, na), (b, wb, nb) = blocks[-2:]
            total = wa + wb
            blocks[-2:] = [((a * wa + b * wb) / total if total else a, total, na + nb)]
    return np.repeat([b[0] for b in blocks], [b[2] for b in blocks])


def chance_of_being_right(calibration: Calibration, confidence: Floats) -> Floats:
    """For each confidence the accuracy that held-back rows of such confidence had.

    Raises ValueError for a calibration without a row.
    """
    counts = np.array(calibration.counts, dtype=np.float64)
    some = counts > 0
    if not some.any():
        raise ValueError("a calibration without a row says nothing")
    at = np.array(calibration.mean_confidence)[some]
    accuracy = isotonic(np.array(calibration.accuracy)[some], counts[some])
    return np.interp(confidence, at, accuracy)


def expected_accuracy(
    calibration: Calibration, confidence: Sequence[float | None], weights: Floats
) -> Estimate | None:
    """None where no row has a confidence, or the reference has no calibration to speak of.

    The interval holds the chance of the labels themselves and the uncertainty of the calibration,
    which was made from a limited number of rows.
    """
    has = np.array([value is not None for value in confidence], dtype=bool)
    if not has.any() or not sum(calibration.counts):
        return None
    values = np.array([value for value in confidence if value is not None], dtype=np.float64)
    mass = weights[has] / weights[has].sum()
    chances = chance_of_being_right(calibration, values)
    expected = float(mass @ chances)
    of_labels = float((mass**2) @ (chances * (1 - chances)))
    error = 1.96 * math.sqrt(of_labels + _variance_of_calibration(calibration, values, mass))
    n = 1 / float(mass @ mass)
    return Estimate(expected, max(0.0, expected - error), min(1.0, expected + error), n)


def _variance_of_calibration(calibration: Calibration, values: Floats, mass: Floats) -> float:
    """What the expected accuracy owes to chance in the held-back rows; each bin is a share of its rows."""
    place = np.minimum((values * calibration.bins).astype(int), calibration.bins - 1)
    share_of_bin = np.bincount(place, weights=mass, minlength=calibration.bins)
    counts = np.array(calibration.counts, dtype=np.float64)
    # Agresti and Coull's two successes and two failures: a bin of three right rows is not certain.
    accuracy = (np.array(calibration.accuracy) * counts + 2) / (counts + 4)
    return float((share_of_bin**2) @ (accuracy * (1 - accuracy) / (counts + 4)))
