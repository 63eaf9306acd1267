"""Calls that block run beside the loop: bodies in, answers out, errors and leaving clients included."""

import io
import threading
from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from predictor.beside_loop import BesideLoop
from predictor.loop_application import LARGEST_ON_LOOP_BYTES, never_blocks
from support.waiting import wait_until

STARTED: list[tuple[str, list[tuple[str, str]]]] = []


def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
    STARTED.append((status, headers))


def call(application: Any, body: bytes = b"") -> Iterator[bytes]:
    STARTED.clear()
    return BesideLoop(application, threads=2, seats=0)({"wsgi.input": io.BytesIO(body)}, start)


def test_the_body_goes_in_and_the_answer_comes_out() -> None:
    def echo(environ: Any, start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"]
        read = [body.read(2), body.readline(), *body]
        start_response("200 OK", [("X-From", threading.current_thread().name)])
        return read

    assert list(call(echo, b"ab\ncd\nef")) == [b"ab", b"\n", b"cd\n", b"ef"]
    status, headers = STARTED[0]
    assert status == "200 OK"
    assert headers[0][1].startswith("beside")


def test_the_loop_goes_on_while_an_application_blocks() -> None:
    blocked = threading.Event()

    def block(_: Any, start_response: Any) -> list[bytes]:
        assert blocked.wait(20)
        start_response("200 OK", [])
        return [b"done"]

    asked = gevent.spawn(list, call(block))
    for _ in range(20):
        gevent.sleep(0.001)
    assert not asked.ready()
    blocked.set()
    assert asked.get(timeout=20) == [b"done"]


def test_beyond_threads_and_seats_there_is_no_room_until_one_has_ended() -> None:
    blocked = threading.Event()

    def block(_: Any, start_response: Any) -> list[bytes]:
        assert blocked.wait(20)
        start_response("200 OK", [])
        return [b"done"]

    beside = BesideLoop(block, threads=1, seats=1)
    asked = []
    for _ in range(2):
        assert beside.seconds_until_room() is None
        asked.append(gevent.spawn(list, beside({"wsgi.input": io.BytesIO()}, start)))
        gevent.sleep(0)
    wait = beside.seconds_until_room()
    assert wait is not None
    assert 0 < wait <= 60
    blocked.set()
    assert [one.get(timeout=20) for one in asked] == [[b"done"], [b"done"]]
    assert beside.seconds_until_room() is None


def test_what_an_application_raises_reaches_the_server() -> None:
    def fail(_: Any, __: Any) -> list[bytes]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(call(fail))


def test_a_stream_is_made_no_faster_than_it_is_sent_and_ends_when_the_client_leaves() -> None:
    made: list[int] = []
    ended: list[type[BaseException]] = []

    def stream(_: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            for number in range(1000):
                made.append(number)
                yield b"x"
        except GeneratorExit:
            ended.append(GeneratorExit)
            raise

    answer = call(stream)
    assert [next(answer), next(answer)] == [b"x", b"x"]
    assert len(made) <= 4
    answer.close()  # type: ignore[attr-defined]
    wait_until(lambda: bool(ended))
    assert len(made) <= 4


def environ_of(path: str, **more: str) -> dict[str, str]:
    return {"PATH_INFO": path, **more}


@pytest.mark.parametrize(
    "path", ["/predict", "/v1/predict", "/v1/models/spam/predict", "/health", "/ready", "/live"]
)
def test_predictions_and_health_are_answered_on_the_loop(path: str) -> None:
    assert never_blocks(environ_of(path))


@pytest.mark.parametrize("path", ["/metadata", "/v1/batches", "/v1/explain", "/", "/predict/x"])
def test_everything_else_goes_beside_it(path: str) -> None:
    assert not never_blocks(environ_of(path))


def test_large_compressed_and_chunked_bodies_go_beside_it() -> None:
    large = str(LARGEST_ON_LOOP_BYTES + 1)
    assert not never_blocks(environ_of("/predict", CONTENT_LENGTH=large))
    assert not never_blocks(environ_of("/predict", CONTENT_LENGTH="9" * 30))
    assert not never_blocks(environ_of("/predict", HTTP_CONTENT_ENCODING="gzip"))
    assert not never_blocks(environ_of("/predict", HTTP_TRANSFER_ENCODING="chunked"))
