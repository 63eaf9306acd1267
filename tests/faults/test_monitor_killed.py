"""A monitor that is killed again and again, under load: each event is in the log exactly once."""

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select

from monitor.prediction_log.tables import labels, predictions
from support.monitor_process import RunningMonitor
from support.monitored import a_label as the_label
from support.monitored import an_event, put_events, put_labels
from support.redis_server import RedisServer
from support.waiting import wait_until

KILLS = 20
EVENTS_A_ROUND = 50
ROUND_SECONDS = 0.1


class Load:
    """A thread that puts 500 events a second, and a label for every tenth, on the streams."""

    def __init__(self, redis_server: RedisServer) -> None:
        self._redis = redis_server.client()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.put = 0

    def _run(self) -> None:
        while not self._stopping.wait(ROUND_SECONDS):
            numbers = range(self.put + 1, self.put + EVENTS_A_ROUND + 1)
            events = [an_event(f"p-{n}", request_id=f"r-{n}", time=time.time()) for n in numbers]
            put_events(self._redis, *events)
            tenth = [n for n in numbers if n % 10 == 0]
            put_labels(self._redis, *(the_label(f"l-{n}", request_id=f"r-{n}") for n in tenth))
            self.put += EVENTS_A_ROUND

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()


@pytest.fixture(params=["sqlite", "postgres"])
def monitor(
    request: pytest.FixtureRequest, tmp_path: Path, redis_server: RedisServer
) -> Iterator[RunningMonitor]:
    settings = {"SLIPWAY_REDIS_URL": redis_server.url, "SLIPWAY_EVALUATION_INTERVAL_SECONDS": "1"}
    if request.param == "postgres":
        settings["SLIPWAY_DATABASE_URL"] = request.getfixturevalue("postgres_server").empty()
    running = RunningMonitor(tmp_path / "monitor", settings)
    yield running
    running.stop()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_twenty_times_under_load_the_log_holds_each_event_once(
    monitor: RunningMonitor, redis_server: RedisServer
) -> None:
    generator = random.Random(20261123)
    engine = create_engine(monitor.database_url)

    def stored() -> int:
        with engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(predictions)) or 0

    with Load(redis_server) as load:
        monitor.wait_until_ready()
        for _ in range(KILLS):
            before = stored()
            wait_until(lambda before=before: stored() > before, what="events are stored")  # type: ignore[misc]
            time.sleep(generator.uniform(0.0, 0.5))  # to be killed at any point of its work
            monitor.kill()
            monitor.start()
            monitor.wait_until_ready()
    wait_until(lambda: stored() >= load.put, seconds=60, what="the monitor has caught up")
    wait_until(lambda: redis_server.client().xlen("slipway:v1:labels") == 0)
    with engine.connect() as connection:
        ids = set(connection.scalars(select(predictions.c.event_id)))
        rows = connection.scalar(select(func.count()).select_from(predictions))
        joined = connection.scalar(select(func.count()).where(predictions.c.label_id.is_not(None)))
        kept_labels = connection.scalar(select(func.count()).select_from(labels))
    engine.dispose()
    assert rows == load.put
    assert ids == {f"p-{n}" for n in range(1, load.put + 1)}
    assert joined == kept_labels == load.put // 10
