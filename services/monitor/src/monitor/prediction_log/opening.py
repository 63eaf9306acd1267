"""Opening the log: SQLite or PostgreSQL by URL, its tables brought up to date."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text

from slipway.core.settings import MonitorSettings

_MIGRATIONS = Path(__file__).parent / "migrations"
# One writer at a time, also beside a monitor that is being replaced.
_ADVISORY_LOCK = 7_304_519


class PredictionLog:
    """The open log. Readers see a consistent state; writers wait for each other.

    Without that order a label and its prediction, written at the same moment, would each
    look for the other and find nothing.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed at the end, rolled back by an exception."""
        with self._writing, self.engine.connect() as bare:
            connection = bare.execution_options(slipway_writes=True)
            with connection.begin():
                if self.engine.dialect.name == "postgresql":
                    lock = text("SELECT pg_advisory_xact_lock(:number)")
                    connection.execute(lock, {"number": _ADVISORY_LOCK})
                yield connection

    def close(self) -> None:
        self.engine.dispose()


def database_url(settings: MonitorSettings) -> URL:
    """The log's URL; without a setting a SQLite file in the data folder, which is made."""
    if settings.database_url:
        url = make_url(settings.database_url)
        if settings.database_password_file is None:
            return url
        return url.set(password=settings.database_password_file.read_text().strip())
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return make_url(f"sqlite:///{settings.data_dir.resolve() / 'log.db'}")


def open_log(url: str | URL) -> PredictionLog:
    """The log at this URL, as it is."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return PredictionLog(create_engine(parsed, pool_pre_ping=True, pool_size=16))
    engine = create_engine(parsed, connect_args={"timeout": 30}, pool_size=16)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return PredictionLog(engine)


def migrate(log: PredictionLog) -> None:
    """Brings the tables up to this release's; nothing where they are."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with log.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say so
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-16000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turned writer half way would be refused instead of waiting.
    writes = connection.get_execution_options().get("slipway_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
