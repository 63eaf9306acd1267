"""The rows that windows are made of, and the windows that were evaluated."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, delete, func, insert, select

from monitor.prediction_log.tables import predictions, windows

# What batch jobs compute is another mixture of rows than what callers ask for.
LIVE_ROLES = ("champion", "canary", "shadow")
Rows = Sequence[Row[Any]]
_COLUMNS = (
    predictions.c.id,
    predictions.c.time,
    predictions.c.features,
    predictions.c.predicted_label,
    predictions.c.predicted_number,
    predictions.c.confidence,
    predictions.c.interval_low,
    predictions.c.interval_high,
    predictions.c.weight,
)


class Version(NamedTuple):
    """A model's version, by names."""

    model: str
    version: str


def newest_id(connection: Connection) -> int:
    return connection.scalar(select(func.max(predictions.c.id))) or 0


def versions_between(connection: Connection, after_id: int, up_to_id: int) -> list[Version]:
    """Versions with new rows."""
    found = (
        select(predictions.c.model, predictions.c.version)
        .where(predictions.c.id > after_id, predictions.c.id <= up_to_id)
        .distinct()
    )
    return [Version(row.model, row.version) for row in connection.execute(found)]


def _live(version: Version) -> Select[Any]:
    return select(*_COLUMNS).where(
        predictions.c.model == version.model,
        predictions.c.version == version.version,
        predictions.c.role.in_(LIVE_ROLES),
    )


def rows_after(connection: Connection, version: Version, after_id: int, limit: int) -> Rows:
    """The version's next live rows, oldest first."""
    found = _live(version).where(predictions.c.id > after_id)
    return connection.execute(found.order_by(predictions.c.id).limit(limit)).all()


def newest_rows(connection: Connection, version: Version, after_id: int, limit: int) -> Rows:
    """The version's last live rows, oldest first; none up to after_id."""
    found = _live(version).where(predictions.c.id > after_id)
    rows = connection.execute(found.order_by(predictions.c.id.desc()).limit(limit)).all()
    return rows[::-1]


def before_first_of(connection: Connection, version: Version, generation: int) -> int | None:
    """The id before the version's first row of this generation of the alias or a later one; None
    where there is no such row."""
    first = connection.scalar(
        select(func.min(predictions.c.id)).where(
            predictions.c.model == version.model,
            predictions.c.version == version.version,
            predictions.c.generation >= generation,
        )
    )
    return None if first is None else int(first) - 1


def add_window(
    connection: Connection,
    version: Version,
    kind: str,
    rows: Rows,
    *,
    state: str,
    result: dict[str, Any],
    now: float,
) -> None:
    """Writes a window down. Of tumbling ones all are kept, of other kinds the last."""
    if kind != "tumbling":
        connection.execute(delete(windows).where(*_of(version, kind)))
    values = {
        "model": version.model,
        "version": version.version,
        "kind": kind,
        "first_id": rows[0].id,
        "last_id": rows[-1].id,
        "from_time": min(row.time for row in rows),
        "to_time": max(row.time for row in rows),
        "n": len(rows),
        "evaluated_at": now,
        "state": state,
        "result": result,
    }
    connection.execute(insert(windows).values(values))


def last_windows(
    connection: Connection, version: Version, kind: str, *, after_id: int = 0, limit: int = 1
) -> Rows:
    """The version's last windows that begin behind a row, oldest first."""
    found = select(windows).where(*_of(version, kind), windows.c.first_id > after_id)
    return connection.execute(found.order_by(windows.c.id.desc()).limit(limit)).all()[::-1]


def _of(version: Version, kind: str) -> tuple[Any, ...]:
    return (
        windows.c.model == version.model,
        windows.c.version == version.version,
        windows.c.kind == kind,
    )
