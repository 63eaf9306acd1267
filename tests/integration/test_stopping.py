"""SIGTERM loses no request; a killed request process is replaced."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from support.predictor_process import RunningPredictor
from support.processes import command_line
from support.waiting import wait_until


def test_sigterm_drains_and_ends_with_status_0(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor()
    statuses: list[int] = []
    refused = threading.Event()

    def ask() -> None:
        """Keeps a connection of its own busy until nobody accepts any more."""
        with requests.Session() as session:
            while not refused.is_set():
                try:
                    answer = session.post(
                        f"{predictor.url}/predict", json={"message": "hi"}, timeout=10
                    )
                    statuses.append(answer.status_code)
                except requests.ConnectionError:
                    refused.set()

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    wait_until(lambda: len(statuses) > 50, what="requests are answered")
    predictor.process.send(signal.SIGTERM)
    assert predictor.process.wait(30) == 0
    refused.set()
    for asker in askers:
        asker.join()
    assert set(statuses) == {200}
    wait_until(
        lambda: not _answers(predictor.metrics_url), what="the metrics process has ended too"
    )


def test_many_sigterms_at_once_stop_it_as_one_does(
    start_predictor: Callable[..., RunningPredictor], tmp_path: Path
) -> None:
    """A group of processes is told at once (honcho, systemd), and again by the master."""
    predictor = start_predictor(store_url=(tmp_path / "store").as_uri())
    processes = predictor.request_processes()
    for _ in range(500):
        for pid in processes:
            os.kill(pid, signal.SIGTERM)
    predictor.process.send(signal.SIGTERM)
    assert predictor.process.wait(20) == 0
    assert "graceful timeout" not in predictor.process.output


def test_a_killed_request_process_is_replaced_while_the_other_answers(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor()
    killed = predictor.request_processes()[0]
    os.kill(killed, signal.SIGKILL)
    wait_until(
        lambda: (
            len(predictor.request_processes()) == 2 and killed not in predictor.request_processes()
        ),
        what="two processes again",
    )
    assert predictor.post("/predict", {"message": "hi"}).status_code == 200


def test_the_metrics_process_does_not_outlive_a_killed_master(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor()
    predictor.process.kill()
    wait_until(lambda: not _answers(predictor.metrics_url), what="the metrics process has ended")
    wait_until(lambda: not _answers(predictor.url), what="the request processes have ended")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_metrics_process_does_not_outlive_a_master_that_ends_while_it_imports(
    tmp_path: Path, how: signal.Signals
) -> None:
    predictor = RunningPredictor(tmp_path, {})
    try:
        wait_until(lambda: bool(predictor.metrics_processes()), what="the metrics process is there")
        [beside] = predictor.metrics_processes()
        predictor.process.send(how)
        predictor.process.wait()
        wait_until(lambda: not command_line(beside), what="the metrics process has ended")
    finally:
        predictor.stop()


def test_the_metrics_process_ends_with_a_master_that_finds_its_port_taken(tmp_path: Path) -> None:
    predictor = RunningPredictor(tmp_path, {})
    with socket.create_server(("127.0.0.1", predictor.port)):
        wait_until(lambda: bool(predictor.metrics_processes()), what="the metrics process is there")
        [beside] = predictor.metrics_processes()
        assert predictor.process.wait(60) == 1
    wait_until(lambda: not command_line(beside), what="the metrics process has ended")


def _answers(url: str) -> bool:
    try:
        requests.get(url, timeout=2)
    except requests.RequestException:
        return False
    return True
