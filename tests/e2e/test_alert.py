"""Predictions that fail wake somebody: the real rule, at its real speed."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from e2e.stack import Stack, eventually

# The rule's five minutes, the rate's first samples, and the way through Prometheus and Alertmanager.
FIRES_WITHIN_SECONDS = 7 * 60
# The last failure leaves the rate's five minutes; then the same way.
RESOLVES_WITHIN_SECONDS = 8 * 60


@pytest.mark.slow
def test_failing_predictions_page_and_recovery_resolves(stack: Stack) -> None:
    with failing_predictions(stack):
        alerts = eventually(
            stack.alerts, lambda found: "PredictionErrorRateHigh" in found, FIRES_WITHIN_SECONDS
        )
    assert alerts["PredictionErrorRateHigh"]["severity"] == "page"
    assert alerts["PredictionErrorRateHigh"]["model"] == "spam"
    mark = eventually(lambda: marks(stack), bool, within_seconds=60)[-1]
    assert (mark["details"]["severity"], mark["ended"]) == ("page", None)
    eventually(
        stack.alerts, lambda found: "PredictionErrorRateHigh" not in found, RESOLVES_WITHIN_SECONDS
    )

    eventually(lambda: marks(stack)[-1]["ended"], bool, within_seconds=120)


def marks(stack: Stack) -> list[dict[str, Any]]:
    """What the monitor wrote on the model's timeline: Alertmanager told it."""
    url = stack.url("MONITOR", "/v1/models/spam/timeline")
    happened = requests.get(url, timeout=10).json()["happenings"]
    return [mark for mark in happened if mark["details"].get("name") == "PredictionErrorRateHigh"]


@contextlib.contextmanager
def failing_predictions(stack: Stack) -> Iterator[None]:
    """Every second a good prediction and one that cannot be made within the time its caller allows."""
    stop, failed = threading.Event(), threading.Event()
    rows = {"instances": [{"message": "hello " * 50}] * 200}

    def predict_again_and_again() -> None:
        url = stack.url("GATEWAY", "/v1/predict")
        while not stop.wait(1.0):
            stack.predict({"message": "hello"})
            answer = requests.post(
                url, json=rows, headers={"X-Request-Timeout-Ms": "1"}, timeout=10
            )
            if answer.status_code == 504:
                failed.set()

    thread = threading.Thread(target=predict_again_and_again)
    thread.start()
    try:
        assert failed.wait(30), "no prediction failed"
        yield
    finally:
        stop.set()
        thread.join(timeout=30)
