"""Rows into the log, each once: what is there already is left as it is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, StatementError

Values = dict[str, Any]
# What a database says of a value that it cannot hold; anything else is the database's own trouble.
_VALUE_FAULTS = (DataError, IntegrityError, InterfaceError, StatementError)


def insert_new(connection: Connection, table: Table, rows: Sequence[Values]) -> int:
    """Inserts the rows whose unique keys are not there; returns how many those were."""
    if not rows:
        return 0
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing()
    return connection.execute(statement, list(rows)).rowcount


def insert_storable(
    connection: Connection, table: Table, rows: Sequence[Values]
) -> tuple[int, list[tuple[int, str]]]:
    """As insert_new, where some rows may hold what the database cannot: how many were new, and
    (place, reason) of each that was left out."""
    try:
        with connection.begin_nested():
            return insert_new(connection, table, rows), []
    except _VALUE_FAULTS:
        return _one_by_one(connection, table, rows)


def _one_by_one(
    connection: Connection, table: Table, rows: Sequence[Values]
) -> tuple[int, list[tuple[int, str]]]:
    new, refused = 0, []
    for place, row in enumerate(rows):
        try:
            with connection.begin_nested():
                new += insert_new(connection, table, [row])
        except _VALUE_FAULTS as wrong:
            refused.append((place, type(wrong).__name__))
    return new, refused
