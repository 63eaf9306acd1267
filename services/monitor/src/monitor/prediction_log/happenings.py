"""Marks on a model's timeline: promotions, drift alarms, alerts."""

from typing import Any

from sqlalchemy import Connection, select, update

from monitor.prediction_log.tables import happenings
from monitor.prediction_log.writing import insert_new


def note(
    connection: Connection,
    key: str,
    kind: str,
    *,
    model: str,
    version: str,
    time: float,
    details: dict[str, Any],
) -> None:
    """Writes a mark down once; key: unique over all kinds."""
    values = {"key": key, "kind": kind, "model": model, "version": version, "time": time}
    insert_new(connection, happenings, [values | {"ended": None, "details": details}])


def end(connection: Connection, key: str, time: float) -> None:
    """An alarm or alert is over; nothing happens where it was already."""
    still = (happenings.c.key == key) & happenings.c.ended.is_(None)
    connection.execute(update(happenings).where(still).values(ended=time))


def open_alarms(connection: Connection, model: str, version: str) -> dict[str, str]:
    """Of each feature that is alarming, the key of its mark."""
    found = select(happenings.c.key, happenings.c.details).where(
        happenings.c.model == model,
        happenings.c.version == version,
        happenings.c.kind == "drift_alarm",
        happenings.c.ended.is_(None),
    )
    return {row.details["feature"]: row.key for row in connection.execute(found)}
