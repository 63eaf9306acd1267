"""Monitors with a log and a Redis of their own, and logs on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.prediction_log.opening import PredictionLog, migrate, open_log
from support.monitor_process import RunningMonitor
from support.redis_server import RedisServer


@pytest.fixture
def start_monitor(
    tmp_path: Path, redis_server: RedisServer
) -> Iterator[Callable[..., RunningMonitor]]:
    """Starts monitors on this test's Redis with given settings and stops them after the test."""
    started: list[RunningMonitor] = []

    def start(**settings: str) -> RunningMonitor:
        named = {"SLIPWAY_REDIS_URL": redis_server.url}
        named |= {f"SLIPWAY_{name.upper()}": value for name, value in settings.items()}
        started.append(RunningMonitor(tmp_path / f"monitor-{len(started)}", named))
        return started[-1].wait_until_ready()

    yield start
    for monitor in started:
        monitor.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without a table, of each kind that the log may be in."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.db'}"
    url: str = request.getfixturevalue("postgres_server").empty()
    return url


@pytest.fixture
def prediction_log(empty_database: str) -> Iterator[PredictionLog]:
    log = open_log(empty_database)
    migrate(log)
    yield log
    log.close()
