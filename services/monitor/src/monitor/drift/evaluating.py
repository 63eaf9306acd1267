"""A window's rows to what is known of it: drift and data quality of every feature."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitor.drift.comparing import compare
from monitor.drift.data_quality import Check, check
from monitor.drift.figures import FeatureDrift, Value
from monitor.drift.histograms import effective_rows
from monitor.drift.limits import MIN_ROWS
from monitor.drift.reference import CONFIDENCE, PREDICTION, Reference
from monitor.quality.estimating import Estimate, expected_accuracy
from monitor.quality.estimating_errors import expected_errors

WindowState = Literal["ok", "over", "insufficient_data", "no_reference"]


class WindowResult(msgspec.Struct, frozen=True):
    """What one window says. n: effective rows. features: by name. checks: by feature and question.
    estimate: expected accuracy or mean absolute error, coverage: expected interval coverage; None
    under 500 rows or without a calibration."""

    n: float
    state: WindowState
    features: dict[str, FeatureDrift]
    checks: dict[str, dict[str, Check]]
    estimate: Estimate | None = None
    coverage: Estimate | None = None

    @property
    def faults(self) -> list[tuple[str, str]]:
        """(feature, check) of everything that is broken."""
        return [(f, c) for f, found in self.checks.items() for c, one in found.items() if one.fault]


def evaluate(reference: Reference | None, rows: Sequence[Any]) -> WindowResult:
    """rows: of the log, with features, predicted_label, predicted_number, confidence and weight."""
    columns, weights = columns_of(rows)
    if reference is None:
        return WindowResult(effective_rows(weights), "no_reference", {}, {})
    features = compare(reference, columns, weights)
    states = {drift.state for drift in features.values()}
    state: WindowState = "insufficient_data"
    if "over" in states:
        state = "over"
    elif "ok" in states:
        state = "ok"
    checks = check(reference, columns, weights)
    estimates = estimates_of(reference, rows, weights)
    return WindowResult(effective_rows(weights), state, features, checks, *estimates)


def estimates_of(
    reference: Reference, rows: Sequence[Any], weights: NDArray[np.float64]
) -> tuple[Estimate | None, Estimate | None]:
    """(accuracy, None) of a classification, (mean absolute error, coverage) of a regression with
    intervals, as far as there are rows and a calibration."""
    if effective_rows(weights) <= MIN_ROWS - 0.5:
        return None, None
    if reference.calibration is not None:
        confidence = [row.confidence for row in rows]
        return expected_accuracy(reference.calibration, confidence, weights), None
    widths = np.array([width_of(row) for row in rows], dtype=np.float64)
    has = np.isfinite(widths)
    if reference.interval is None or reference.interval.calibration is None or not has.any():
        return None, None
    return expected_errors(reference.interval.calibration, widths[has], weights[has])


def width_of(row: Any) -> float:
    """Of the row's interval; NaN without one."""
    if row.interval_low is None or row.interval_high is None:
        return math.nan
    return float(row.interval_high - row.interval_low)


def columns_of(rows: Sequence[Any]) -> tuple[dict[str, list[Value]], NDArray[np.float64]]:
    """A value a row for every feature, for the prediction and for its confidence; and the weights."""
    names = {name for row in rows for name in row.features}
    columns: dict[str, list[Value]] = {
        name: [row.features.get(name) for row in rows] for name in names
    }
    columns[PREDICTION] = [
        row.predicted_number if row.predicted_label is None else row.predicted_label for row in rows
    ]
    columns[CONFIDENCE] = [row.confidence for row in rows]
    return columns, np.array([row.weight for row in rows], dtype=np.float64)
