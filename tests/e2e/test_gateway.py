"""The gateway keeps slow clients away from the predictors and answers in their form."""

import contextlib
import json
import socket
import statistics
import time
from collections.abc import Iterator

import pytest
import requests

from e2e.stack import Stack
from support.slow_clients import KINDS, SlowClients
from support.steady_predictions import SteadyPredictions

# More than all request threads of two replicas together.
SLOW_CLIENTS = 100
SLOW_SECONDS = 60
BODY = b'{"message": "See you at lunch"}'


def test_slow_clients_take_no_predictor_away(stack: Stack) -> None:
    with slow_clients(stack) as waiting:
        for _ in range(20):
            assert stack.predict({"message": "See you at lunch"}).status_code == 200
        for client in waiting:
            client.sendall(BODY[10:])
        assert {status_of(client) for client in waiting} == {200}


@pytest.mark.slow
def test_slow_clients_for_a_minute_fail_no_prediction_beside_them(stack: Stack) -> None:
    """Their times are printed; tests/faults/test_slow_clients.py looks closer, without containers."""
    alone = predictions(stack, SLOW_SECONDS / 2)
    with SlowClients(stack.ports["GATEWAY"], 2 * SLOW_CLIENTS) as slow:
        beside = predictions(stack, SLOW_SECONDS)
    alone += predictions(stack, SLOW_SECONDS / 2)
    before, after = (statistics.quantiles(each, n=100)[98] for each in (alone, beside))
    print(f"p99 {1000 * before:.1f} ms alone, {1000 * after:.1f} ms beside: {after / before:.2f}")  # noqa: T201
    assert slow.most == 2 * SLOW_CLIENTS
    assert {how for _, how in slow.ended} == {"408"}
    for kind in KINDS:
        assert slow.ended[kind, "408"] >= 3 * (2 * SLOW_CLIENTS // len(KINDS))


def test_an_id_that_a_client_sends_comes_back(stack: Stack) -> None:
    headers = {"X-Request-ID": "order-4711"}
    url = stack.url("GATEWAY", "/v1/predict")
    answer = requests.post(url, json={"message": "hi"}, headers=headers, timeout=10)
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"] == "order-4711"


def test_what_is_no_valid_http_goes_no_further(stack: Stack) -> None:
    with connect(stack) as client:
        client.sendall(
            b"GET /ready HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"
        )
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_body_that_never_comes_is_answered_in_json(stack: Stack) -> None:
    with connect(stack) as client:
        client.sendall(b"POST /v1/predict HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\n{")
        head, _, body = client.recv(65536).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["error"] == "RequestTimeout"


def predictions(stack: Stack, seconds: float) -> list[float]:
    """How long each took, all of them answered."""
    with SteadyPredictions(stack.url("GATEWAY", ""), per_second=50) as asked:
        time.sleep(seconds)
    assert asked.failures == []
    return asked.seconds


@contextlib.contextmanager
def slow_clients(stack: Stack) -> Iterator[list[socket.socket]]:
    """Clients that have sent a third of their request."""
    with contextlib.ExitStack() as all_of_them:
        clients = [all_of_them.enter_context(connect(stack)) for _ in range(SLOW_CLIENTS)]
        for client in clients:
            head = (
                f"POST /v1/predict HTTP/1.1\r\nHost: slipway\r\nContent-Length: {len(BODY)}\r\n\r\n"
            )
            client.sendall(head.encode() + BODY[:10])
        yield clients


def connect(stack: Stack) -> socket.socket:
    return socket.create_connection(("127.0.0.1", stack.ports["GATEWAY"]), timeout=20)


def status_of(client: socket.socket) -> int:
    return int(client.recv(65536).split(b" ", 2)[1])
