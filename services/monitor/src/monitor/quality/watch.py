"""Measures the quality of every version that got labels, round after round."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from monitor.drift.evaluating import WindowResult
from monitor.models import Models
from monitor.prediction_log.labelled_rows import (
    coverage,
    labelled_between,
    newest_labelled,
    state_of_labels,
)
from monitor.prediction_log.opening import PredictionLog
from monitor.prediction_log.window_rows import Version, add_window, last_windows
from monitor.quality.estimating import Estimate
from monitor.quality.gauges import QualityGauges
from monitor.quality.reports import figure_of
from monitor.quality.verdict import MIN_LABELLED, EstimateError, judge_quality

# How many closed windows back an estimate is looked for whose labels are in.
_ESTIMATES_LOOKED_AT = 20


class QualityWatch:
    """Rolling figures over the last labelled rows that are old enough for their labels to be in."""

    def __init__(
        self,
        prediction_log: PredictionLog,
        models: Models,
        gauges: QualityGauges,
        *,
        rows: int,
        maturity_seconds: float,
        slice_fields: Sequence[str],
    ) -> None:
        self._log = prediction_log
        self._models = models
        self._gauges = gauges
        self._rows = rows
        self._maturity_seconds = maturity_seconds
        self._slice_fields = slice_fields
        self._seen: dict[Version, tuple[int, ...]] = {}

    def look(self, versions: Sequence[Version], now: float) -> None:
        """One round over the versions that are watched. now: seconds since 1970."""
        for gone in self._seen.keys() - set(versions):
            self._gauges.forget(gone)
            del self._seen[gone]
        for version in versions:
            self._look_at(version, now)

    def _look_at(self, version: Version, now: float) -> None:
        before = now - self._maturity_seconds
        with self._log.reading() as connection:
            window = last_windows(connection, version, "tumbling")
            state = (*state_of_labels(connection, version), window[-1].id if window else 0)
            if self._seen.get(version) == state and not self._maturity_seconds:
                return
            self._seen[version] = state
            if window:
                result = msgspec.convert(window[-1].result, WindowResult)
                self._gauges.show_estimate(version, result)
            rows = newest_labelled(connection, version, self._rows, before)
            if not rows:
                return
            covered = coverage(connection, version, rows[0].id, before)
            errors = self._estimate_errors(connection, version, before)
        metrics = self._models.metrics(*version)
        found = judge_quality(rows, covered, metrics, self._slice_fields, errors)
        self._gauges.show(version, found)
        with self._log.writing() as connection:
            add_window(
                connection,
                version,
                "quality",
                rows,
                state=found.state,
                result=msgspec.to_builtins(found),
                now=now,
            )

    def _estimate_errors(
        self, connection: Connection, version: Version, before: float
    ) -> tuple[EstimateError | None, EstimateError | None]:
        """Of the newest window that has an estimate and labels enough to say how far it was off."""
        recent = last_windows(connection, version, "tumbling", limit=_ESTIMATES_LOOKED_AT)
        for window in reversed(recent):
            result = msgspec.convert(window.result, WindowResult)
            if result.estimate is None or window.to_time > before:
                continue
            rows = labelled_between(connection, version, window.first_id, window.last_id)
            if len(rows) >= MIN_LABELLED:
                return error_of(result.estimate, rows), error_of(result.coverage, rows)
        return None, None


def error_of(estimate: Estimate | None, rows: Sequence[Any]) -> EstimateError | None:
    """How far an estimate was off, by the labelled rows of its window; None where that is unknown."""
    if estimate is None:
        return None
    measured = figure_of(estimate.metric, rows)
    if math.isnan(measured):
        return None
    return EstimateError(estimate.value, measured, len(rows), estimate.metric)
