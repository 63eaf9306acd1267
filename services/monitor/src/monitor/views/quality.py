"""Quality of a model's versions, and its course over time."""

import math
from typing import Any

import msgspec
from sqlalchemy import Connection

from monitor.drift.evaluating import WindowResult
from monitor.prediction_log.finding import happenings_of
from monitor.prediction_log.timeline import steps_of
from monitor.prediction_log.window_rows import Version, last_windows
from monitor.quality.verdict import QualityResult
from monitor.views.times import iso
from slipway.core.proportions import wilson_interval

# About so many steps are drawn, whatever the span.
STEPS = 60


def quality_of(connection: Connection, version: Version) -> dict[str, Any]:
    """The figures of the last labelled rows, and the estimate of the last window."""
    measured = last_windows(connection, version, "quality")
    closed = last_windows(connection, version, "tumbling")
    window = msgspec.convert(closed[-1].result, WindowResult) if closed else None
    found: dict[str, Any] = {
        "version": version.version,
        "state": "insufficient_data",
        "measured": None,
        "estimate": msgspec.to_builtins(window.estimate) if window else None,
        "coverage_estimate": msgspec.to_builtins(window.coverage) if window else None,
    }
    if measured:
        result = msgspec.convert(measured[-1].result, QualityResult)
        found["state"] = result.state
        found["measured"] = {
            "evaluated_at": iso(measured[-1].evaluated_at),
            "from": iso(measured[-1].from_time),
            "to": iso(measured[-1].to_time),
            **msgspec.to_builtins(result),
            "label_coverage": result.labelled / result.predicted if result.predicted else 0.0,
        }
        for name in ("estimate_error", "coverage_error"):
            error = getattr(result, name)
            if error is not None:
                found["measured"][name]["error"] = error.error
    return found


def timeline_of(connection: Connection, model: str, *, since: float, now: float) -> dict[str, Any]:
    """Steps of equal length by version, and what happened: promotions, alarms, alerts."""
    seconds = max(60.0, (now - since) / STEPS)
    steps = [
        {
            "from": iso(since + row.step * seconds),
            "version": row.version,
            "predicted": row.predicted,
            "labelled": row.labelled,
            **_figures(row),
        }
        for row in steps_of(connection, model, since, seconds)
    ]
    marks = [
        {
            "time": iso(row.time),
            "ended": iso(row.ended),
            "kind": row.kind,
            "version": row.version,
            "details": row.details,
        }
        for row in happenings_of(connection, model, since)
    ]
    return {"from": iso(since), "step_seconds": seconds, "steps": steps, "happenings": marks}


def _figures(row: Any) -> dict[str, Any]:
    if not row.labelled or not row.weight:
        return {}
    if row.absolute_error is not None:
        return {"mae": row.absolute_error / row.weight}
    accuracy = min(1.0, row.correct / row.weight)
    low, high = wilson_interval(accuracy, row.labelled)
    return {} if math.isnan(accuracy) else {"accuracy": accuracy, "low": low, "high": high}
