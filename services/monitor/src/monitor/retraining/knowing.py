"""What the log and the store know of a model, gathered for the trigger."""

import msgspec
from sqlalchemy import Connection

from monitor.drift.evaluating import WindowResult
from monitor.models import Models
from monitor.prediction_log.happenings import open_alarms
from monitor.prediction_log.window_rows import Version, last_windows
from monitor.quality.verdict import QualityResult
from monitor.retraining.trigger import Baseline, Known
from slipway.model.signature import Signature


def known_of(connection: Connection, models: Models, version: Version, since: float) -> Known:
    """version: the champion. since: when it became one, or was last trained for."""
    closed = last_windows(connection, version, "tumbling")
    measured = last_windows(connection, version, "quality")
    result = msgspec.convert(closed[-1].result, WindowResult) if closed else None
    return Known(
        baseline=baseline_of(models, version),
        quality=msgspec.convert(measured[-1].result, QualityResult) if measured else None,
        alarms=sorted(open_alarms(connection, *version)),
        estimate=result.estimate if result is not None else None,
        since=since,
    )


def baseline_of(models: Models, version: Version) -> Baseline | None:
    """The figure that quality is held against: accuracy, or the mean absolute error."""
    metrics = models.metrics(*version) or {}
    for name in ("accuracy", "mae"):
        figure = metrics.get(name)
        if isinstance(figure, dict) and figure.get("value") is not None:
            value = float(figure["value"])
            low, high = figure.get("interval", (value, value))
            return Baseline(name, value, float(low), float(high))
    return None


def open_faults(connection: Connection, version: Version, signature: Signature | None) -> list[str]:
    """What is broken in the data of the newest windows: `feature (check)`.

    Features that are derived from a text have no range that callers promised: shorter messages are
    drift, not a fault.
    """
    inputs = {field.name for field in signature.inputs} if signature is not None else set()
    found = set()
    for kind in ("tumbling", "sliding"):
        for window in last_windows(connection, version, kind):
            found.update(msgspec.convert(window.result, WindowResult).faults)
    return sorted(
        f"{feature} ({check.replace('_', ' ')})"
        for feature, check in found
        if feature in inputs or check not in ("out_of_range", "unit_change")
    )
