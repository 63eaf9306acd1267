"""metrics.json of a classifier: how good it is on rows it was not trained on."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slipway.core.proportions import wilson_interval
from slipway.model.training.statistics import (
    area_under_roc,
    bootstrap_interval,
    expected_calibration_error,
)

CALIBRATION_BINS = 15
Labels = NDArray[np.int64]
Probabilities = NDArray[np.float64]


def classification_report(
    labels: Sequence[str], truth: Labels, probabilities: Probabilities, seed: int
) -> dict[str, Any]:
    """Figures with n and 95 % intervals.

    truth: shape (n,), indices into labels. probabilities: shape (n, labels), rows sum to 1.
    """
    predicted = probabilities.argmax(axis=1)
    n, correct = len(truth), int((predicted == truth).sum())
    confidence = probabilities.max(axis=1)
    return {
        "n": n,
        "accuracy": _proportion(correct, n),
        "auc": _auc(truth, probabilities, seed),
        "log_loss": float(-np.log(np.maximum(probabilities[np.arange(n), truth], 1e-15)).mean()),
        "expected_calibration_error": {
            "value": expected_calibration_error(confidence, predicted == truth, CALIBRATION_BINS),
            "bins": CALIBRATION_BINS,
        },
        "per_class": {
            label: _class_report(truth == index, predicted == index, seed)
            for index, label in enumerate(labels)
        },
        "confusion_matrix": {
            "labels": list(labels),
            "rows_are": "truth",
            "counts": confusion_matrix(truth, predicted, len(labels)),
        },
    }


def confusion_matrix(truth: Labels, predicted: Labels, classes: int) -> list[list[int]]:
    """counts[true class][predicted class]."""
    cells = np.bincount(truth * classes + predicted, minlength=classes * classes)
    return [[int(cell) for cell in row] for row in cells.reshape(classes, classes)]


def f1_score(actual: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> float:
    """Harmonic mean of precision and recall; 0 where both are."""
    hits = int((actual & predicted).sum())
    total = int(actual.sum() + predicted.sum())
    return 2 * hits / total if total else 0.0


def _class_report(
    actual: NDArray[np.bool_], predicted: NDArray[np.bool_], seed: int
) -> dict[str, Any]:
    hits = int((actual & predicted).sum())
    wrongly = int((predicted & ~actual).sum())
    f1 = bootstrap_interval(lambda rows: f1_score(actual[rows], predicted[rows]), len(actual), seed)
    return {
        "n": int(actual.sum()),
        "precision": _proportion(hits, int(predicted.sum())),
        "recall": _proportion(hits, int(actual.sum())),
        "f1": {"value": f1_score(actual, predicted), "interval": list(f1)},
        # Of the rows of other classes, how many were taken for this one.
        "false_positive_rate": _proportion(wrongly, int((~actual).sum())),
    }


def _auc(truth: Labels, probabilities: Probabilities, seed: int) -> dict[str, Any]:
    """Of two classes: of the second. Of more: the mean of each against the rest."""
    classes = range(1, 2) if probabilities.shape[1] == 2 else range(probabilities.shape[1])

    def mean_over_classes(rows: NDArray[np.int64]) -> float:
        scores = (area_under_roc(truth[rows] == c, probabilities[rows, c]) for c in classes)
        return float(np.mean(list(scores)))

    everything = np.arange(len(truth))
    interval = bootstrap_interval(mean_over_classes, len(truth), seed)
    return {"value": mean_over_classes(everything), "interval": list(interval)}


def _proportion(successes: int, n: int) -> dict[str, Any]:
    share = successes / n if n else None
    interval = wilson_interval(0.0 if share is None else share, n)
    return {"value": share, "n": n, "interval": list(interval)}
