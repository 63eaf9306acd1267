"""Monitors with a log and a Redis of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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
