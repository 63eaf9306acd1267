"""Plain predictions over real connections: the same answers as through gunicorn's parser, in order."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from predictor.plain_lane import BODY_SECONDS
from support.predictor_process import RunningPredictor

BODY = b'{"message": "See you at noon"}'
HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


def prediction(
    body: bytes = BODY, *more: bytes, path: bytes = b"/v1/predict", name: str = "one"
) -> bytes:
    lines = (
        b"POST %b HTTP/1.1" % path,
        b"Host: x",
        b"Content-Length: %d" % len(body),
        b"X-Request-ID: " + name.encode(),
        *more,
    )
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


class Talk:
    """A connection on which answers are read one after another."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> tuple[str, dict[str, str], bytes]:
        """Status line, headers and body."""
        status = self._file.readline().decode().strip()
        headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            assert name not in headers, f"{name} twice"
            headers[name] = value
        return status, headers, self._file.read(int(headers["Content-Length"]))

    def ends(self) -> bool:
        return self._file.read() == b""


@pytest.fixture
def talk(predictor: RunningPredictor) -> Iterator[Talk]:
    found = Talk(predictor.port)
    yield found
    found.socket.close()


ASKED = {
    "an answer": prediction,
    "several rows": lambda *more: prediction(
        json.dumps({"instances": [json.loads(BODY)] * 40}).encode(), *more
    ),
    "a refusal": lambda *more: prediction(b"{}", *more),
    "no JSON": lambda *more: prediction(b"{", *more),
    "an unknown model": lambda *more: prediction(BODY, *more, path=b"/v1/models/no/predict"),
    "a version": lambda *more: prediction(
        BODY, *more, path=b"/v1/models/spam/versions/1.0.0/predict"
    ),
    "text": lambda *more: prediction(BODY, b"Content-Type: text/plain", *more),
    "a trace": lambda *more: prediction(
        BODY, b"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", *more
    ),
}


@pytest.mark.parametrize("kind", ASKED)
def test_both_readers_lead_to_the_same_answer(talk: Talk, kind: str) -> None:
    seen = []
    for more in ((), (b"TE: trailers",)):  # the second is not plain
        talk.send(ASKED[kind](b"Accept-Encoding: gzip;q=0", *more))
        status, headers, body = talk.answer()
        for changing in ("Date", "Server-Timing"):
            headers[changing] = str(changing in headers)
        seen.append((status, headers, json.loads(body)))
    assert seen[0] == seen[1]


def test_requests_sent_together_are_answered_in_order(talk: Talk) -> None:
    names = [f"n{n}" for n in range(20)]
    talk.send(b"".join(prediction(name=n) + (HEALTH if n[-1] == "3" else b"") for n in names))
    seen = []
    for name in names:
        _, headers, body = talk.answer()
        assert json.loads(body)["request_id"] == headers["X-Request-ID"]
        seen.append(headers["X-Request-ID"])
        if name[-1] == "3":
            assert json.loads(talk.answer()[2])["status"] == "ok"
    assert seen == names


def test_a_request_that_comes_byte_by_byte_is_answered(talk: Talk) -> None:
    for byte in prediction(BODY, b"X-Client-ID: slow"):
        talk.send(bytes([byte]))
    assert talk.answer()[0] == "HTTP/1.1 200 OK"
    talk.send(prediction())
    assert talk.answer()[0] == "HTTP/1.1 200 OK"


def test_a_body_that_comes_later_than_the_lane_waits_is_answered(talk: Talk) -> None:
    whole = prediction()
    talk.send(whole[:-5])
    time.sleep(BODY_SECONDS + 0.5)
    talk.send(whole[-5:] + prediction(name="two"))
    assert [talk.answer()[1]["X-Request-ID"] for _ in range(2)] == ["one", "two"]


def test_whoever_leaves_in_the_middle_is_not_answered(predictor: RunningPredictor) -> None:
    whole = prediction()
    for part in (whole[:10], whole[:60]):
        talk = Talk(predictor.port)
        talk.send(part)
        talk.socket.shutdown(socket.SHUT_WR)
        assert b"200" not in talk.socket.recv(65_536)
        talk.socket.close()


def test_a_body_that_stays_short_is_answered_as_one(predictor: RunningPredictor) -> None:
    talk = Talk(predictor.port)
    talk.send(prediction()[:-5])
    talk.socket.shutdown(socket.SHUT_WR)
    status, _, body = talk.answer()
    assert status == "HTTP/1.1 400 BAD REQUEST"
    assert json.loads(body)["error"] in ("InvalidInput", "InvalidJSON")
    talk.socket.close()


def test_a_connection_is_closed_when_the_client_asks_for_it(talk: Talk) -> None:
    talk.send(prediction(BODY, b"Connection: close"))
    assert talk.answer()[1]["Connection"] == "close"
    assert talk.ends()


def test_a_length_behind_many_zeros_is_still_a_length(talk: Talk) -> None:
    whole = prediction().replace(b"Content-Length: ", b"Content-Length: " + b"0" * 30)
    talk.send(whole)
    assert talk.answer()[0] == "HTTP/1.1 200 OK"
    large = prediction(b"x" * 2_000_000).replace(b"Length: ", b"Length: " + b"0" * 30)
    talk.send(large)
    assert talk.answer()[0].startswith("HTTP/1.1 413 ")


def test_requests_without_a_pause_leave_others_their_turn(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor(workers="1")
    greedy, other = Talk(predictor.port), Talk(predictor.port)
    refused = prediction(b"{")
    over = threading.Event()

    def send() -> None:
        with suppress(OSError):
            while not over.is_set():
                greedy.send(refused * 50)

    def read() -> None:
        with suppress(OSError):
            while greedy.socket.recv(65_536):
                pass

    threads = [threading.Thread(target=each) for each in (send, read)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        other.send(HEALTH)
        assert json.loads(other.answer()[2])["status"] == "ok"
    over.set()
    greedy.socket.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(30)
    for talk in (greedy, other):
        talk.socket.close()
