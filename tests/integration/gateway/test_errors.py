"""What the gateway says by itself has the contract's form, as what predictors say has."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from support.gateway_process import RunningGateway
from support.predictor_process import RunningPredictor
from support.raw_http import answers_in, exchange
from support.waiting import free_port, wait_until

MESSAGE = {"message": "See you at lunch"}


@pytest.fixture
def forsaken(tmp_path: Path) -> Iterator[RunningGateway]:
    """A gateway whose only predictor is not there."""
    gateway = RunningGateway(tmp_path / "gateway", [free_port()])
    wait_until(lambda: _says(gateway) == 503, what="the gateway answers")
    yield gateway
    gateway.stop()


def test_without_a_predictor_callers_are_told_to_come_back(forsaken: RunningGateway) -> None:
    headers = {"X-Request-ID": "order-4711"}
    url = f"{forsaken.url}/v1/predict"
    answer = requests.post(url, json=MESSAGE, headers=headers, timeout=10)
    assert answer.status_code == 503
    assert answer.json()["error"] == "Unavailable"
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"] == "order-4711"


def test_what_is_inside_and_tunnels_are_refused_in_json(forsaken: RunningGateway) -> None:
    hidden = requests.get(f"{forsaken.url}/metrics", timeout=10)
    assert (hidden.status_code, hidden.json()["error"]) == (404, "NotFound")
    asked = b"CONNECT slipway:80 HTTP/1.1\r\nHost: slipway\r\nConnection: close\r\n\r\n"
    (tunnel,) = answers_in(exchange(forsaken.port, asked), asked)
    assert (tunnel.status, tunnel.json["error"]) == (405, "MethodNotAllowed")
    assert "POST" in tunnel.headers["allow"]


def test_callers_of_a_predictor_that_goes_get_its_answers_and_then_the_gateways(
    tmp_path: Path,
) -> None:
    predictor = RunningPredictor(tmp_path / "predictor", {"SLIPWAY_WORKERS": "1"})
    gateway = RunningGateway(tmp_path / "gateway", [predictor.port])
    try:
        predictor.wait_until_ready()
        wait_until(lambda: _says(gateway) == 200, what="the predictor is found")
        predictor.stop()
        wait_until(lambda: _says(gateway) == 503, what="nobody is there")
    finally:
        gateway.stop()
        predictor.stop()


def _says(gateway: RunningGateway) -> int:
    assert gateway.process.running, gateway.process.output
    try:
        answer = requests.post(f"{gateway.url}/v1/predict", json=MESSAGE, timeout=10)
    except requests.ConnectionError:
        return 0
    assert answer.status_code == 200 or isinstance(answer.json()["error"], str)
    return answer.status_code
