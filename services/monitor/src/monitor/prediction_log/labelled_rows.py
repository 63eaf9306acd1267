"""Predictions whose label is in: the last of a version, how many others have none, how long labels took."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from monitor.prediction_log.tables import labels, predictions
from monitor.prediction_log.window_rows import LIVE_ROLES, Version

_COLUMNS = (
    predictions.c.id,
    predictions.c.time,
    predictions.c.label_time,
    predictions.c.predicted_label,
    predictions.c.predicted_number,
    predictions.c.true_label,
    predictions.c.true_number,
    predictions.c.confidence,
    predictions.c.probabilities,
    predictions.c.interval_low,
    predictions.c.interval_high,
    predictions.c.features,
    predictions.c.inputs,
    predictions.c.weight,
)


class Coverage(NamedTuple):
    """labelled of predicted rows, by number."""

    labelled: int
    predicted: int

    @property
    def ratio(self) -> float:
        return self.labelled / self.predicted if self.predicted else 0.0


def _live(version: Version) -> tuple[ColumnElement[bool], ...]:
    return (
        predictions.c.model == version.model,
        predictions.c.version == version.version,
        predictions.c.role.in_(LIVE_ROLES),
    )


def newest_labelled(
    connection: Connection, version: Version, limit: int, before: float
) -> Sequence[Any]:
    """The version's last live labelled rows, predicted before a time, oldest first."""
    found = (
        select(*_COLUMNS)
        .where(*_live(version), predictions.c.label_id.is_not(None), predictions.c.time <= before)
        .order_by(predictions.c.id.desc())
        .limit(limit)
    )
    return connection.execute(found).all()[::-1]


def labelled_between(
    connection: Connection, version: Version, first_id: int, last_id: int
) -> Sequence[Any]:
    """The live labelled rows from one id to another."""
    found = select(*_COLUMNS).where(
        *_live(version),
        predictions.c.label_id.is_not(None),
        predictions.c.id.between(first_id, last_id),
    )
    return connection.execute(found.order_by(predictions.c.id)).all()


def coverage(connection: Connection, version: Version, first_id: int, before: float) -> Coverage:
    """Of the live rows from an id on that are old enough, how many have a label."""
    found = select(func.count(), func.count(predictions.c.label_id)).where(
        *_live(version), predictions.c.id >= first_id, predictions.c.time <= before
    )
    row = connection.execute(found).one()
    return Coverage(row[1], row[0])


def state_of_labels(connection: Connection, version: Version) -> tuple[int, int]:
    """Something that changes whenever a label of the version may have come: cheap to ask for."""
    newest = (
        select(predictions.c.id)
        .where(*_live(version), predictions.c.label_id.is_not(None))
        .order_by(predictions.c.id.desc())
        .limit(1)
    )
    last_label = connection.scalar(select(func.max(labels.c.id)))
    return connection.scalar(newest) or 0, last_label or 0
