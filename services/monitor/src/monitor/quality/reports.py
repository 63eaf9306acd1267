"""A version's labelled rows as figures with intervals."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitor.drift.histograms import effective_rows
from monitor.quality.measures import (
    area_under_roc,
    bootstrap_interval,
    brier_score,
    expected_calibration_error,
    f1_score,
    log_loss,
    share,
)
from slipway.core.contracts.events import REST
from slipway.core.proportions import wilson_interval

Floats = NDArray[np.float64]
# So many classes get figures of their own.
MAX_CLASSES = 20


class Measured(msgspec.Struct, frozen=True):
    """A figure and its 95 % interval. outcome: the class it is of, empty for all of them."""

    metric: str
    outcome: str
    value: float
    low: float
    high: float
    n: float


def classification_report(rows: Sequence[Any]) -> list[Measured]:
    """rows: labelled, with true_label, predicted_label, confidence, probabilities and weight."""
    weights = np.array([row.weight for row in rows], dtype=np.float64)
    truth = np.array([row.true_label for row in rows])
    predicted = np.array([row.predicted_label for row in rows])
    correct = truth == predicted
    found = [proportion("accuracy", "", correct, weights)]
    for label in _classes(rows):
        found += _of_class(label, truth == label, predicted == label, weights)
    return found + _of_probabilities(rows, correct, weights)


def proportion(metric: str, outcome: str, hits: NDArray[np.bool_], weights: Floats) -> Measured:
    """The share of rows that hit, with Wilson's interval over the effective number of rows."""
    n = effective_rows(weights)
    value = share(hits, weights)
    return Measured(metric, outcome, value, *wilson_interval(value, n), n)


def _classes(rows: Sequence[Any]) -> list[str]:
    """In the model's own order where it is known, else by name."""
    first = next((row.probabilities for row in rows if row.probabilities), None)
    if first and REST not in first:
        return list(first)[:MAX_CLASSES]
    return sorted({row.true_label for row in rows} | {row.predicted_label for row in rows})[
        :MAX_CLASSES
    ]


def _of_class(
    label: str, actual: NDArray[np.bool_], predicted: NDArray[np.bool_], weights: Floats
) -> list[Measured]:
    found = []
    if predicted.any():
        found.append(proportion("precision", label, actual[predicted], weights[predicted]))
    if actual.any():
        found.append(proportion("recall", label, predicted[actual], weights[actual]))
    low, high = bootstrap_interval(lambda w: f1_score(actual, predicted, w), weights)
    value = f1_score(actual, predicted, weights)
    return [*found, Measured("f1", label, value, low, high, effective_rows(weights))]


def _of_probabilities(
    rows: Sequence[Any], correct: NDArray[np.bool_], weights: Floats
) -> list[Measured]:
    """Nothing where a row has no probabilities, or only those of the likeliest classes."""
    if any(not row.probabilities or REST in row.probabilities for row in rows):
        return []
    labels = list(rows[0].probabilities)
    table = np.array([[row.probabilities.get(label, 0.0) for label in labels] for row in rows])
    place = {label: column for column, label in enumerate(labels)}
    truth = np.array([place.get(row.true_label, -1) for row in rows])
    if (truth < 0).any():
        return []
    confidence = np.array([row.confidence for row in rows], dtype=np.float64)
    of_truth = table[np.arange(len(rows)), truth]
    classes = [1] if len(labels) == 2 else range(len(labels))

    def auc(w: Floats) -> float:
        """Of two classes: of the second. Of more: the mean of each against the rest."""
        areas = [area_under_roc(truth == c, table[:, c], w) for c in classes]
        return float(np.mean(areas))

    measures = {
        "auc": auc,
        "log_loss": lambda w: log_loss(of_truth, w),
        "brier": lambda w: brier_score(table, truth, w),
        "calibration_error": lambda w: expected_calibration_error(confidence, correct, w),
    }
    return [_bootstrapped(name, figure, weights) for name, figure in measures.items()]


def regression_report(rows: Sequence[Any]) -> list[Measured]:
    """rows: labelled ones, with true_number, predicted_number, interval_low, interval_high and weight."""
    weights = np.array([row.weight for row in rows], dtype=np.float64)
    truth = np.array([row.true_number for row in rows], dtype=np.float64)
    error = np.array([row.predicted_number for row in rows], dtype=np.float64) - truth
    found = [
        _bootstrapped("mae", lambda w: float(np.average(np.abs(error), weights=w)), weights),
        _bootstrapped("rmse", lambda w: math.sqrt(np.average(error**2, weights=w)), weights),
        _bootstrapped("mean_error", lambda w: float(np.average(error, weights=w)), weights),
    ]
    inside, has = covered(rows, truth)
    if has.any():
        found.append(proportion("interval_coverage", "", inside[has], weights[has]))
    return found


def covered(rows: Sequence[Any], truth: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each row whether its interval holds the truth, and whether it has one."""
    low = np.array([math.nan if row.interval_low is None else row.interval_low for row in rows])
    high = np.array([math.nan if row.interval_high is None else row.interval_high for row in rows])
    return (low <= truth) & (truth <= high), ~(np.isnan(low) | np.isnan(high))


def figure_of(metric: str, rows: Sequence[Any]) -> float:
    """One figure of labelled rows, without its interval: accuracy, mae or interval_coverage; NaN
    where no row has what it needs."""
    weights = np.array([row.weight for row in rows], dtype=np.float64)
    if metric == "accuracy":
        return share(np.array([row.true_label == row.predicted_label for row in rows]), weights)
    numbers = np.array([row.true_number is not None for row in rows])
    kept = [row for row, number in zip(rows, numbers, strict=True) if number]
    if not kept:
        return math.nan
    truth = np.array([row.true_number for row in kept], dtype=np.float64)
    if metric == "mae":
        said = np.array([row.predicted_number for row in kept], dtype=np.float64)
        return float(np.average(np.abs(said - truth), weights=weights[numbers]))
    inside, has = covered(kept, truth)
    return share(inside[has], weights[numbers][has])


def _bootstrapped(metric: str, figure: Any, weights: Floats) -> Measured:
    low, high = bootstrap_interval(figure, weights)
    return Measured(metric, "", figure(weights), low, high, effective_rows(weights))


def report(rows: Sequence[Any]) -> list[Measured]:
    """Of labelled rows of one version; nothing of none. Figures that are undefined are left out."""
    if not rows:
        return []
    numbers = [row for row in rows if row.true_number is not None]
    words = [row for row in rows if row.true_label is not None]
    found = classification_report(words) if words else regression_report(numbers)
    return [measured for measured in found if not math.isnan(measured.value)]
