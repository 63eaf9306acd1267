"""Drift of a model's versions, as it stood when the last windows were evaluated."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from monitor.drift.evaluating import WindowResult
from monitor.models import Models
from monitor.prediction_log.happenings import open_alarms
from monitor.prediction_log.window_rows import Version, last_windows
from monitor.views.times import iso


def drift_of(connection: Connection, models: Models, version: Version) -> dict[str, Any]:
    """Both kinds of windows, each feature's figures, bins to draw, alarms and faults."""
    alarms = sorted(open_alarms(connection, *version))
    found: dict[str, Any] = {"version": version.version, "alarms": alarms, "windows": {}}
    for kind in ("tumbling", "sliding"):
        windows = last_windows(connection, version, kind)
        found["windows"][kind] = _window(windows[-1], models, version) if windows else None
    return found


def _window(row: Any, models: Models, version: Version) -> dict[str, Any]:
    result = msgspec.convert(row.result, WindowResult)
    reference = models.reference(*version)
    watched = reference.watched() if reference else {}
    return {
        "from": iso(row.from_time),
        "to": iso(row.to_time),
        "evaluated_at": iso(row.evaluated_at),
        "rows": row.n,
        "effective_rows": result.n,
        "state": result.state,
        "faults": [{"feature": f, "check": c} for f, c in result.faults],
        "estimate": msgspec.to_builtins(result.estimate),
        "features": {
            name: {
                **msgspec.to_builtins(drift),
                "checks": msgspec.to_builtins(result.checks.get(name, {})),
                "bin_edges": list(getattr(watched.get(name), "bin_edges", ())),
            }
            for name, drift in result.features.items()
        },
    }
