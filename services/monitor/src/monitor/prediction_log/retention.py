"""What is older than the retention is deleted, a little at a time, so that no reader or writer waits long."""

from sqlalchemy import Column, Table, delete, select

from monitor.prediction_log.opening import PredictionLog
from monitor.prediction_log.tables import (
    happenings,
    kept_aside,
    labels,
    predictions,
    probes,
    publishers,
    windows,
)

_ROWS_AT_ONCE = 5_000
_TIMES_A_ROUND = 20
_BY_ID: tuple[tuple[Table, "Column[float]"], ...] = (
    (predictions, predictions.c.time),
    (labels, labels.c.time),
    (kept_aside, kept_aside.c.time),
    (windows, windows.c.evaluated_at),
    (happenings, happenings.c.time),
)


def delete_old(log: PredictionLog, before: float) -> int:
    """Deletes rows from before a time, in seconds since 1970; how many. The rest waits for the next round."""
    deleted = 0
    for table, when in _BY_ID:
        for _ in range(_TIMES_A_ROUND):
            with log.writing() as connection:
                old = select(table.c.id).where(when < before).limit(_ROWS_AT_ONCE)
                done = connection.execute(delete(table).where(table.c.id.in_(old))).rowcount
            deleted += done
            if done < _ROWS_AT_ONCE:
                break
    with log.writing() as connection:
        connection.execute(delete(probes).where(probes.c.minute < before // 60))
        connection.execute(delete(publishers).where(publishers.c.time < before))
    return deleted
