"""Entries that this release cannot read or store: kept as they came, up to a bound."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select

from monitor.intake.stream_reader import Entry
from monitor.prediction_log.tables import kept_aside
from monitor.prediction_log.writing import insert_new

KEPT_AT_MOST = 10_000
_BODY_CHARACTERS = 100_000


class Aside(NamedTuple):
    """An entry and why it is no row of the log."""

    entry: Entry
    reason: str


def set_aside(connection: Connection, stream: str, found: Sequence[Aside]) -> None:
    """Writes them down; beyond 10,000 the oldest go."""
    if not found:
        return
    insert_new(
        connection,
        kept_aside,
        [
            {
                "stream": stream,
                "entry_id": aside.entry.entry_id,
                "time": time.time(),
                "reason": printable(aside.reason),
                "body": printable(aside.entry.body.decode("utf-8", "backslashreplace")),
            }
            for aside in found
        ],
    )
    newest = select(func.max(kept_aside.c.id)).scalar_subquery()
    connection.execute(delete(kept_aside).where(kept_aside.c.id <= newest - KEPT_AT_MOST))


def printable(text: str) -> str:
    """Text that every database takes: no NUL, no lone surrogate, no more than is worth keeping."""
    clean = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return clean.replace("\0", "\\x00")[:_BODY_CHARACTERS]
