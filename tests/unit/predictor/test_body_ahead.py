"""What is read of a body before a thread is taken, and what a view finds afterwards."""

import io
from typing import Any

import gevent
import pytest
from gunicorn.http.errors import InvalidChunkSize

from predictor.body_ahead import PIECE_BYTES, BodiesAhead, NoRoom
from predictor.body_rest import TooSlow


class Slow(io.BytesIO):
    """Gives nothing more after its first bytes."""

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        if not found:
            gevent.sleep(60)
        return found


class Broken(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        if not found:
            raise InvalidChunkSize(b"zz")
        return found


def environ(body: Any, length: int | None = None) -> dict[str, Any]:
    found = {"wsgi.input": body}
    return found if length is None else found | {"CONTENT_LENGTH": str(length)}


@pytest.mark.parametrize("size", [0, 3, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_a_view_reads_the_whole_body_in_whatever_way(size: int) -> None:
    sent = b"ab\n" * (size // 3)
    bodies = BodiesAhead(most_bytes=2 * PIECE_BYTES)
    with bodies.held(request := environ(io.BytesIO(sent))):
        assert request["wsgi.input"].read() == sent
    with bodies.held(request := environ(io.BytesIO(sent))):
        assert b"".join(iter(lambda: request["wsgi.input"].read(1000), b"")) == sent
    with bodies.held(request := environ(io.BytesIO(sent))):
        lines = list(iter(request["wsgi.input"].readline, b""))
        assert b"".join(lines) == sent
        assert all(line.endswith(b"\n") for line in lines[:-1])


def test_a_body_that_is_too_large_by_its_own_account_is_left_alone() -> None:
    body = io.BytesIO(b"a" * 100)
    with BodiesAhead(most_bytes=10).held(environ(body, 100)):
        assert body.tell() == 0


def test_a_body_that_does_not_come_is_given_up() -> None:
    bodies = BodiesAhead(most_bytes=100, seconds=0.05)
    with pytest.raises(TooSlow), bodies.held(environ(Slow(b"ab"), 50)):
        raise AssertionError


def test_so_much_is_held_and_no_more_until_somebody_is_done() -> None:
    bodies = BodiesAhead(most_bytes=100, most_held_bytes=100)
    with (
        bodies.held(environ(io.BytesIO(b"a" * 100), 100)),
        pytest.raises(NoRoom),
        bodies.held(environ(io.BytesIO(b"b"), 1)),
    ):
        raise AssertionError
    with bodies.held(request := environ(io.BytesIO(b"b"), 1)):
        assert request["wsgi.input"].read() == b"b"


def test_chunks_that_break_are_an_error_of_the_view_that_reads_so_far() -> None:
    with BodiesAhead(most_bytes=100).held(request := environ(Broken(b"ab"))):
        assert request["wsgi.input"].read(2) == b"ab"
        with pytest.raises(InvalidChunkSize):
            request["wsgi.input"].read(2)
