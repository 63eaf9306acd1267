"""The monitor as a process: it reads the streams into the log and probes the predictors."""

from collections.abc import Callable

import pytest
import requests

from support.monitor_process import RunningMonitor
from support.monitored import a_label, an_event, put_events, put_labels
from support.redis_server import RedisServer
from support.waiting import free_port, wait_until

StartMonitor = Callable[..., RunningMonitor]


def stored(monitor: RunningMonitor) -> float:
    return monitor.sample("slipway_monitor_events_total", outcome="stored") or 0.0


def test_events_on_the_stream_are_stored_and_counted(
    start_monitor: StartMonitor, redis_server: RedisServer
) -> None:
    put_events(redis_server.client(), an_event("p-1"), an_event("p-2"))
    monitor = start_monitor()
    wait_until(lambda: stored(monitor) == 2, what="both events are stored")
    put_events(redis_server.client(), an_event("p-3"))
    wait_until(lambda: stored(monitor) == 3, what="the third event is stored")


def test_what_is_acknowledged_is_not_read_again_after_a_restart(
    start_monitor: StartMonitor, redis_server: RedisServer
) -> None:
    put_events(redis_server.client(), an_event("p-1"))
    monitor = start_monitor()
    wait_until(lambda: stored(monitor) == 1)
    monitor.kill()
    monitor.start()
    monitor.wait_until_ready()
    put_events(redis_server.client(), an_event("p-2"))
    wait_until(lambda: stored(monitor) == 1)
    assert monitor.sample("slipway_monitor_events_total", outcome="duplicate") == 0


def test_a_label_leaves_the_stream_once_it_is_in_the_log(
    start_monitor: StartMonitor, redis_server: RedisServer
) -> None:
    monitor = start_monitor()
    put_events(redis_server.client(), an_event())
    wait_until(lambda: stored(monitor) == 1)
    put_labels(redis_server.client(), a_label())
    wait_until(lambda: monitor.sample("slipway_monitor_labels_total", outcome="joined") == 1)
    wait_until(lambda: redis_server.client().xlen("slipway:v1:labels") == 0)


def test_without_redis_the_monitor_serves_and_says_so(
    start_monitor: StartMonitor, redis_server: RedisServer
) -> None:
    monitor = start_monitor()
    wait_until(lambda: monitor.get("/ready").json()["streams"]["events"] == "ok")
    redis_server.kill()
    wait_until(lambda: monitor.get("/ready").json()["streams"]["events"] == "redis away")
    assert monitor.get("/health").status_code == 200
    redis_server.start()
    put_events(redis_server.client(), an_event())
    wait_until(lambda: stored(monitor) == 1, what="events are read again")


def test_a_predictor_is_probed_and_one_that_is_away_is_seen(start_monitor: StartMonitor) -> None:
    here, away = start_monitor(), f"127.0.0.1:{free_port()}"
    present = f"127.0.0.1:{here.port}"
    monitor = start_monitor(
        predictors=f"http://{present},http://{away}", probe_interval_seconds="0.2"
    )

    def up(target: str) -> float | None:
        return monitor.sample("slipway_monitor_probe_up", target=target, check="health")

    wait_until(lambda: up(present) == 1.0)
    assert up(away) == 0.0


@pytest.mark.parametrize("path", ["/nothing", "/v1/nothing"])
def test_an_unknown_path_is_answered_in_the_contracts_shape(
    start_monitor: StartMonitor, path: str
) -> None:
    answer = start_monitor().get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")


def test_a_stopped_monitor_leaves_no_process(start_monitor: StartMonitor) -> None:
    monitor = start_monitor()
    monitor.stop()
    with pytest.raises(requests.ConnectionError):
        monitor.get("/health")
