"""The event loop with real sockets and processes: who gets a connection, and who keeps one."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import psutil

from support.predictor_process import RunningPredictor
from support.waiting import wait_until


@contextmanager
def connections(predictor: RunningPredictor, count: int) -> Iterator[list[HTTPConnection]]:
    """So many keep-alive connections, each of which was answered once."""
    opened = [HTTPConnection("127.0.0.1", predictor.port, timeout=30) for _ in range(count)]
    try:
        for one in opened:
            ask(one)
        yield opened
    finally:
        for one in opened:
            one.close()


def ask(connection: HTTPConnection) -> int:
    connection.request("POST", "/v1/predict", b'{"message": "hello"}')
    answer = connection.getresponse()
    answer.read()
    return answer.status


def held_by(predictor: RunningPredictor, pid: int) -> int:
    return sum(
        found.status == "ESTABLISHED" and found.laddr.port == predictor.port
        for found in psutil.Process(pid).net_connections("tcp")
    )


def test_keep_alive_connections_are_spread_evenly_over_the_processes(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor()
    beats = predictor.folder / "runtime" / "heartbeats"
    wait_until(lambda: len(list(beats.iterdir())) == 2, what="both processes accept")
    with connections(predictor, 20):
        held = [held_by(predictor, pid) for pid in predictor.request_processes()]
    assert sum(held) == 20
    assert min(held) >= 8


def test_a_process_that_stands_still_leaves_connections_to_the_other(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor()
    stopped = psutil.Process(predictor.request_processes()[0])
    stopped.suspend()
    try:
        with connections(predictor, 10) as opened:
            assert [ask(one) for one in opened] == [200] * 10
    finally:
        stopped.resume()


def test_sigterm_answers_the_last_request_of_a_connection_and_waits_for_no_idle_one(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor()
    with connections(predictor, 6) as opened:
        began = time.monotonic()
        predictor.process.send(signal.SIGTERM)
        assert ask(opened[0]) == 200
        assert predictor.process.wait(20) == 0
        assert time.monotonic() - began < 5 * 4


def test_health_answers_while_large_requests_are_computed(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor(workers="1")
    rows = {"instances": [{"message": "Call now to claim your prize " * 30}] * 500}
    statuses: list[int] = []
    asking = threading.Thread(
        target=lambda: statuses.append(predictor.post("/v1/predict", rows).status_code)
    )
    asking.start()
    while asking.is_alive():
        assert predictor.get("/health").status_code == 200
    asking.join()
    assert statuses == [200]
