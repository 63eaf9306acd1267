"""From the last tumbling windows of a version to its alarms."""

import logging

import msgspec
from sqlalchemy import Connection

from monitor.drift.alarm import LOOK_BACK, alarming
from monitor.drift.evaluating import WindowResult
from monitor.drift.gauges import DriftGauges
from monitor.prediction_log.happenings import end, note, open_alarms
from monitor.prediction_log.opening import PredictionLog
from monitor.prediction_log.window_rows import Version, last_windows

log = logging.getLogger(__name__)

# Windows without enough data are passed over; so many back is far enough.
_WINDOWS_LOOKED_AT = 4 * LOOK_BACK


def judge(
    prediction_log: PredictionLog, gauges: DriftGauges, version: Version, start: int, now: float
) -> None:
    """Raises and ends the alarms that the windows behind row `start` ask for, and shows them."""
    with prediction_log.reading() as connection:
        recent = last_windows(
            connection, version, "tumbling", after_id=start, limit=_WINDOWS_LOOKED_AT
        )
    if not recent:
        return
    results = [msgspec.convert(window.result, WindowResult) for window in recent]
    gauges.show(version, "tumbling", results[-1], recent[-1].evaluated_at)
    judged = {
        feature: alarming([r.features[feature].state for r in results if feature in r.features])
        for feature in results[-1].features
    }
    for feature, is_alarming in judged.items():
        gauges.show_alarm(version, feature, is_alarming)
    with prediction_log.writing() as connection:
        _write_down(connection, version, judged, recent[-1].id, now)


def _write_down(
    connection: Connection, version: Version, judged: dict[str, bool], window: int, now: float
) -> None:
    already = open_alarms(connection, *version)
    for feature in sorted(f for f, is_alarming in judged.items() if is_alarming):
        if feature not in already:
            key = f"drift:{version.model}:{version.version}:{feature}:{window}"
            note(
                connection,
                key,
                "drift_alarm",
                model=version.model,
                version=version.version,
                time=now,
                details={"feature": feature, "window": window},
            )
            extra = {"model": version.model, "version": version.version, "feature": feature}
            log.warning("drift alarm", extra=extra)
    for feature, key in already.items():
        if not judged.get(feature, False):
            end(connection, key, now)
