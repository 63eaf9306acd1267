"""What a version's labelled rows say, with their guards: few labels, or those of few rows, say nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np

from monitor.prediction_log.labelled_rows import Coverage
from monitor.quality.reports import Measured, report
from monitor.quality.slices import GroupFigure, slice_report

MIN_LABELLED = 200
MIN_COVERAGE = 0.2
QualityState = Literal["ok", "worse", "insufficient_data"]


class EstimateError(msgspec.Struct, frozen=True):
    """An estimate of a window, and what its labels showed afterwards. metric: as the estimate's."""

    estimated: float
    measured: float
    labelled: int
    metric: str = "accuracy"

    @property
    def error(self) -> float:
        return self.estimated - self.measured


class QualityResult(msgspec.Struct, frozen=True):
    """state `worse`: certainly worse than on the rows held back in training. Delays in seconds."""

    state: QualityState
    labelled: int
    predicted: int
    delay_median: float | None
    delay_p90: float | None
    figures: list[Measured]
    slices: list[GroupFigure]
    expected: float | None = None
    estimate_error: EstimateError | None = None
    coverage_error: EstimateError | None = None


def judge_quality(
    rows: Sequence[Any],
    covered: Coverage,
    metrics: Mapping[str, Any] | None,
    slice_fields: Sequence[str] = (),
    estimate_errors: tuple[EstimateError | None, EstimateError | None] = (None, None),
) -> QualityResult:
    """rows: labelled ones, oldest first. metrics: the version's metrics.json."""
    figures = report(rows)
    delays = [max(0.0, row.label_time - row.time) for row in rows]
    enough = len(rows) >= MIN_LABELLED and covered.ratio >= MIN_COVERAGE
    expected = _expected(metrics)
    state: QualityState = "insufficient_data"
    if enough:
        state = "worse" if _is_worse(figures, expected) else "ok"
    return QualityResult(
        state=state,
        labelled=covered.labelled,
        predicted=covered.predicted,
        delay_median=float(np.median(delays)) if delays else None,
        delay_p90=float(np.percentile(delays, 90)) if delays else None,
        figures=figures,
        slices=[figure for field in slice_fields for figure in slice_report(rows, field)],
        expected=None if expected is None else expected[1],
        estimate_error=estimate_errors[0],
        coverage_error=estimate_errors[1],
    )


def _expected(metrics: Mapping[str, Any] | None) -> tuple[str, float, float, float] | None:
    """(metric, value, low, high) of the held-back rows: accuracy, or the mean absolute error."""
    for name in ("accuracy", "mae"):
        figure = (metrics or {}).get(name)
        if isinstance(figure, Mapping) and figure.get("value") is not None:
            low, high = figure.get("interval", (figure["value"], figure["value"]))
            return name, float(figure["value"]), float(low), float(high)
    return None


def _is_worse(
    figures: Sequence[Measured], expected: tuple[str, float, float, float] | None
) -> bool:
    if expected is None:
        return False
    name, _, low, high = expected
    for figure in figures:
        if figure.metric == name and not figure.outcome:
            return figure.high < low if name == "accuracy" else figure.low > high
    return False
