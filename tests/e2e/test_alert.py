"""Slow predictions wake somebody: the real rule, at its real speed."""

import contextlib
import threading
from collections.abc import Callable, Iterator

import pytest
import requests

from e2e.stack import Stack, docker, eventually

# The rule's five minutes, the rate's first samples, and the way through Prometheus and Alertmanager.
FIRES_WITHIN_SECONDS = 8 * 60


@pytest.mark.slow
def test_slow_predictions_page_and_recovery_resolves(stack: Stack) -> None:
    with slow_predictors(stack), traffic(stack):
        alerts = eventually(
            stack.alerts, lambda found: "PredictionLatencyHigh" in found, FIRES_WITHIN_SECONDS
        )
    assert alerts["PredictionLatencyHigh"]["severity"] == "page"
    with traffic(stack):
        eventually(
            stack.alerts, lambda found: "PredictionLatencyHigh" not in found, FIRES_WITHIN_SECONDS
        )


@contextlib.contextmanager
def slow_predictors(stack: Stack) -> Iterator[None]:
    """Every predictor stands still for 0.8 of every second."""
    containers, stop = stack.containers("predictor"), threading.Event()

    def pause_again_and_again() -> None:
        while not stop.wait(0.2):
            docker("pause", *containers)
            stop.wait(0.8)
            docker("unpause", *containers)

    with running(pause_again_and_again, stop):
        yield


@contextlib.contextmanager
def traffic(stack: Stack) -> Iterator[None]:
    """About four predictions a second."""
    stop = threading.Event()

    def predict_again_and_again() -> None:
        while not stop.wait(0.25):
            with contextlib.suppress(requests.RequestException):
                stack.predict({"message": "hello"})

    with running(predict_again_and_again, stop):
        yield


@contextlib.contextmanager
def running(act: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=30)
