"""Looking things up in the log, each by an index."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from monitor.prediction_log.tables import happenings, labels, predictions, probes, windows
from monitor.prediction_log.window_rows import Version

_SHOWN_ROWS = 1_000


def known_versions(connection: Connection) -> list[Version]:
    """Every version with a row, by stepping from one to the next through the index."""
    found: list[Version] = []
    model = connection.scalar(select(func.min(predictions.c.model)))
    while model is not None:
        of_model = predictions.c.model == model
        version = connection.scalar(select(func.min(predictions.c.version)).where(of_model))
        while version is not None:
            found.append(Version(model, version))
            behind = select(func.min(predictions.c.version)).where(
                of_model, predictions.c.version > version
            )
            version = connection.scalar(behind)
        model = connection.scalar(
            select(func.min(predictions.c.model)).where(predictions.c.model > model)
        )
    return found


def newest_row(connection: Connection, version: Version) -> Any:
    """The version's last prediction, of any role; None without one."""
    found = (
        select(predictions)
        .where(predictions.c.model == version.model, predictions.c.version == version.version)
        .order_by(predictions.c.id.desc())
        .limit(1)
    )
    return connection.execute(found).first()


def latest_predictions(connection: Connection, model: str, limit: int) -> Sequence[Any]:
    """The last predictions of a model, newest first."""
    newest = connection.scalar(select(func.max(predictions.c.id))) or 0
    found = (
        select(predictions)
        .where(predictions.c.model == model, predictions.c.id > newest - 200_000)
        .order_by(predictions.c.id.desc())
        .limit(limit)
    )
    return connection.execute(found).all()


def rows_of_request(connection: Connection, request_id: str) -> Sequence[Any]:
    found = select(predictions).where(predictions.c.request_id == request_id)
    order = found.order_by(predictions.c.row_index, predictions.c.id).limit(_SHOWN_ROWS)
    return connection.execute(order).all()


def labels_of_request(connection: Connection, request_id: str) -> Sequence[Any]:
    found = select(labels).where(labels.c.request_id == request_id)
    return connection.execute(found.order_by(labels.c.id).limit(_SHOWN_ROWS)).all()


def window_at(connection: Connection, version: Version, time: float) -> Any:
    """The tumbling window of the version that was the last one known at a time; None before the first."""
    found = (
        select(windows)
        .where(
            windows.c.model == version.model,
            windows.c.version == version.version,
            windows.c.kind == "tumbling",
            windows.c.evaluated_at <= time,
        )
        .order_by(windows.c.id.desc())
        .limit(1)
    )
    return connection.execute(found).first()


def happenings_of(connection: Connection, model: str, since: float) -> Sequence[Any]:
    """The last promotions, alarms and alerts of a model (and alerts of none), oldest first."""
    found = select(happenings).where(
        happenings.c.model.in_([model, ""]), happenings.c.time >= since
    )
    newest = connection.execute(found.order_by(happenings.c.time.desc()).limit(_SHOWN_ROWS)).all()
    return newest[::-1]


def availability(connection: Connection, since: float) -> Sequence[Any]:
    """Of each target and probe since a time: asked, answered, seconds."""
    found = (
        select(
            probes.c.target,
            probes.c.probe,
            func.sum(probes.c.asked).label("asked"),
            func.sum(probes.c.answered).label("answered"),
            func.sum(probes.c.seconds).label("seconds"),
        )
        .where(probes.c.minute >= int(since // 60))
        .group_by(probes.c.target, probes.c.probe)
        .order_by(probes.c.target, probes.c.probe)
    )
    return connection.execute(found).all()
