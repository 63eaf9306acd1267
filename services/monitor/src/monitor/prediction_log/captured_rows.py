"""What was asked, where inputs are kept: answered rows of a model in a stretch of time, page by page."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, or_, select

from monitor.prediction_log.tables import predictions

# What a shadow scored was answered by another version; what a batch asked is in the batch.
ANSWERED_ROLES = ("champion", "canary")
_COLUMNS = (
    predictions.c.id,
    predictions.c.request_id,
    predictions.c.row_index,
    predictions.c.time,
    predictions.c.version,
    predictions.c.role,
    predictions.c.predicted_label,
    predictions.c.predicted_number,
    predictions.c.confidence,
    predictions.c.compute_seconds,
    predictions.c.inputs,
)


class Place(NamedTuple):
    """A row's place in the order of pages: when it was asked, then when it arrived."""

    time: float
    id: int


def captured_rows(
    connection: Connection, model: str, since: float, until: float, after: Place | None, limit: int
) -> Sequence[Any]:
    """Rows from `since` to before `until` whose inputs were kept, in order, behind a place."""
    conditions = [
        predictions.c.model == model,
        predictions.c.role.in_(ANSWERED_ROLES),
        predictions.c.inputs.is_not(None),
        predictions.c.time >= (since if after is None else max(since, after.time)),
        predictions.c.time < until,
    ]
    if after is not None:
        same = and_(predictions.c.time == after.time, predictions.c.id > after.id)
        conditions.append(or_(predictions.c.time > after.time, same))
    found = select(*_COLUMNS).where(*conditions)
    return connection.execute(
        found.order_by(predictions.c.time, predictions.c.id).limit(limit)
    ).all()
