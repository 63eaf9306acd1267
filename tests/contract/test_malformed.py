"""Requests that are no HTTP: the contract's error all the same, and no second answer behind it."""

import json
import socket

import pytest

from support.predictor_process import RunningPredictor

HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
BODY = b'{"message": "hi"}'
REQUESTS: dict[str, bytes] = {
    "no request line": b"GARBAGE\r\n\r\n",
    "a version of the future": b"GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
    "a header without a colon": b"GET /health HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n",
    "a header name with a space": b"GET /health HTTP/1.1\r\nHost : x\r\n\r\n",
    "a length and chunks": HEAD
    + b"Content-Length: 17\r\nTransfer-Encoding: chunked\r\n\r\n"
    + BODY,
    "two lengths": HEAD + b"Content-Length: 17\r\nContent-Length: 18\r\n\r\n" + BODY,
    "a length that is no number": HEAD + b"Content-Length: abc\r\n\r\n" + BODY,
    "chunks without a size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + BODY,
    "an unknown transfer coding": HEAD + b"Transfer-Encoding: rot13\r\n\r\n" + BODY,
    "a path of 10,000 characters": b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header of 100,000 characters": b"GET / HTTP/1.1\r\nHost: x\r\nA: "
    + b"a" * 100_000
    + b"\r\n\r\n",
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_what_is_no_http_gets_the_contracts_error(predictor: RunningPredictor, kind: str) -> None:
    head, body = _exchange(predictor.port, REQUESTS[kind])
    assert head.startswith("HTTP/1.1 400 ")
    assert "content-type: application/json" in head.lower()
    error = json.loads(body)
    assert error["error"] in ("InvalidInput", "InvalidJSON")
    assert len(error["request_id"]) == 32


def _exchange(port: int, request: bytes) -> tuple[str, str]:
    """Everything that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        received = b""
        while piece := _received(client):
            received += piece
    head, _, body = received.decode().partition("\r\n\r\n")
    return head, body


def _received(client: socket.socket) -> bytes:
    try:
        return client.recv(65536)
    except ConnectionResetError:
        return b""
