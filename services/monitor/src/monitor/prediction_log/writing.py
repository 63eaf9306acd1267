"""Rows into the log, each once: what is there already is left as it is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, StatementError

Values = dict[str, Any]
# What a database says of a value that it cannot hold; anything else is the database's own trouble.
_VALUE_FAULTS = (DataError, IntegrityError, InterfaceError, StatementError)


def insert_new(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Inserts the rows whose unique keys are not there."""
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), list(rows))


def only_new(connection: Connection, key: Column[str], rows: Sequence[Values]) -> list[int]:
    """The places of the rows whose key is neither in the table nor earlier among them."""
    seen = set(connection.scalars(select(key).where(key.in_([row[key.name] for row in rows]))))
    places = []
    for place, row in enumerate(rows):
        if row[key.name] not in seen:
            seen.add(row[key.name])
            places.append(place)
    return places


def insert_storable(connection: Connection, table: Table, rows: Sequence[Values]) -> dict[int, str]:
    """As insert_new, where some rows may hold what the database cannot: the reason of each that
    was left out, by its place."""
    try:
        with connection.begin_nested():
            insert_new(connection, table, rows)
    except _VALUE_FAULTS:
        return _one_by_one(connection, table, rows)
    return {}


def _one_by_one(connection: Connection, table: Table, rows: Sequence[Values]) -> dict[int, str]:
    refused = {}
    for place, row in enumerate(rows):
        try:
            with connection.begin_nested():
                insert_new(connection, table, [row])
        except _VALUE_FAULTS as wrong:
            refused[place] = type(wrong).__name__
    return refused
