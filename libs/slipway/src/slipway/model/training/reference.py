"""reference.json: what the world looked like in training, for the monitor to compare with."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slipway.model.families.base import FeatureValue

QUANTILE_BINS = 10
SAMPLE_SIZE = 2_000
CALIBRATION_BINS = 15


def feature_references(
    rows: Sequence[Mapping[str, FeatureValue]], seed: int
) -> dict[str, dict[str, Any]]:
    """The distribution of each monitored feature over training rows."""
    return (
        {name: _distribution([row[name] for row in rows], seed) for name in rows[0]} if rows else {}
    )


def prediction_reference(
    labels: Sequence[str],
    truth: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    seed: int,
) -> dict[str, Any]:
    """Predictions, confidence and calibration over held-back rows."""
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    counts = np.bincount(predicted, minlength=len(labels))
    return {
        "predictions": {
            "type": "category",
            "n": len(truth),
            "counts": dict(zip(labels, counts.tolist(), strict=True)),
        },
        "confidence": _numeric(confidence, 0, seed),
        "calibration": _calibration(confidence, predicted == truth),
    }


def numeric_reference(values: NDArray[np.float64], seed: int) -> dict[str, Any]:
    """The distribution of numbers, none of them missing."""
    return _numeric(values, 0, seed)


def _distribution(values: Sequence[FeatureValue], seed: int) -> dict[str, Any]:
    present = [value for value in values if value is not None]
    missing = len(values) - len(present)
    if any(isinstance(value, str) for value in present):
        counts = Counter(str(value) for value in present)
        ordered = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        return {"type": "category", "n": len(present), "missing": missing, "counts": ordered}
    return _numeric(np.array(present, dtype=np.float64), missing, seed)


def _numeric(values: NDArray[np.float64], missing: int, seed: int) -> dict[str, Any]:
    """Inner bin edges are quantiles; the outer bins are open. counts: one more than edges."""
    edges = (
        np.unique(np.quantile(values, np.linspace(0, 1, QUANTILE_BINS + 1)[1:-1]))
        if len(values)
        else values
    )
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # of the largest numbers there is no variance
        mean, variance = (
            (float(values.mean()), float(values.var())) if len(values) else (None, None)
        )
    sample = values
    if len(values) > SAMPLE_SIZE:
        sample = np.random.default_rng(seed).choice(values, SAMPLE_SIZE, replace=False)
    return {
        "type": "number",
        "n": len(values),
        "missing": missing,
        "mean": mean,
        "variance": variance,
        "bin_edges": [float(edge) for edge in edges],
        "counts": [int(count) for count in counts],
        "sample": [float(f"{value:.6g}") for value in np.sort(sample)],
    }


def width_calibration(
    widths: NDArray[np.float64], distances: NDArray[np.float64], covered: NDArray[np.bool_]
) -> dict[str, Any]:
    """What intervals of about one width meant, in bins of equally many rows, narrow ones first.

    distances: of number and truth. covered: whether the interval held the truth.
    """
    bins = np.array_split(np.argsort(widths, kind="stable"), min(QUANTILE_BINS, len(widths)))
    return {
        "counts": [len(rows) for rows in bins],
        "mean_width": [float(widths[rows].mean()) for rows in bins],
        "mean_distance": [float(distances[rows].mean()) for rows in bins],
        "variance_of_distance": [float(distances[rows].var()) for rows in bins],
        "covered": [float(covered[rows].mean()) for rows in bins],
    }


def _calibration(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> dict[str, Any]:
    """Equally wide bins over 0..1: rows, mean confidence and accuracy of each."""
    place = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    counts = np.bincount(place, minlength=CALIBRATION_BINS)
    divisor = np.maximum(counts, 1)
    confident = np.bincount(place, weights=confidence, minlength=CALIBRATION_BINS) / divisor
    accurate = np.bincount(place, weights=correct, minlength=CALIBRATION_BINS) / divisor
    return {
        "bins": CALIBRATION_BINS,
        "counts": counts.tolist(),
        "mean_confidence": confident.tolist(),
        "accuracy": accurate.tolist(),
    }
