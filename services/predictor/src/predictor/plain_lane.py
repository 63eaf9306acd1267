"""Plain predictions from bytes to bytes, without what gunicorn does for every other request."""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import gevent
from gunicorn import SERVER
from gunicorn.util import http_date

from predictor.answers import Answer
from predictor.hot_route import Found, HotRoute, found_in
from predictor.loop_application import LARGEST_ON_LOOP_BYTES
from predictor.plain_request import (
    END_OF_HEAD,
    LARGEST_HEAD_BYTES,
    Head,
    PlainRequest,
    may_become_plain,
    read_head,
)
from predictor.request_context import ARRIVED

_READ_BYTES = 65_536
# A body that follows its head comes at once; whoever takes longer is read with more patience elsewhere.
BODY_SECONDS = 1.0
# After so many answers the others have a turn, and at once where the next request is there already:
# requests that follow one another without a pause keep nobody waiting.
TURN = 16


class _Read(NamedTuple):
    """The head that a connection sent last; keep-alive clients send it again and again."""

    raw: bytes
    head: Head
    found: Found


class PlainLane:
    """Of one connection."""

    def __init__(
        self, predictions: HotRoute, client: Any, unreader: Any, is_alive: Callable[[], bool]
    ) -> None:
        """unreader: gunicorn's, which has the bytes that were read and not used."""
        self._predictions = predictions
        self._client = client
        self._unreader = unreader
        self._is_alive = is_alive
        self._largest = min(LARGEST_ON_LOOP_BYTES, predictions.largest_body)
        self._last: _Read | None = None

    def answer_while_plain(self, waits: Callable[[], None], asks: Callable[[], None]) -> bool:
        """Answers one after another; returns at the first message that is no plain prediction, all of
        which is left in the unreader, and at the end of the connection. False: it has to be closed.

        waits, asks: called when a request is waited for, and when its head has come.
        """
        data = self._unreader.take_buffered()
        answered = 0
        while True:
            waits()
            end, data = self._read_until_head(data)
            asked = self._asked(data, end)
            if asked is None:
                self._unreader.unread(data)
                return True
            asks()
            arrived = time.perf_counter()
            start = end + len(END_OF_HEAD)
            after = start + asked.head.length
            data = self._read_until(after, data)
            if len(data) < after:
                self._unreader.unread(data)
                return True
            environ = {"PATH_INFO": asked.head.path, ARRIVED: arrived}
            request = PlainRequest(asked.head, data[start:after], environ)
            answer = self._predictions.answer(request, asked.found)
            goes_on = self._is_alive()
            self._send(as_bytes(answer, goes_on))
            if not goes_on:
                return False
            data = data[after:]
            answered += 1
            if data or answered % TURN == 0:
                gevent.sleep(0)

    def _send(self, answer: bytes) -> None:
        sent = self._client.send(answer)
        if sent < len(answer):  # sendall looks for the size of the socket's buffer first
            self._client.sendall(memoryview(answer)[sent:])

    def _read_until_head(self, data: bytes) -> tuple[int, bytes]:
        """Where the head ends, -1 where it does not or cannot be plain; and all that was read."""
        while may_become_plain(data) and len(data) < LARGEST_HEAD_BYTES:
            end = data.find(END_OF_HEAD)
            if end >= 0:
                return end, data
            more = self._client.recv(_READ_BYTES)
            if not more:
                break
            data += more
        return data.find(END_OF_HEAD, 0, LARGEST_HEAD_BYTES), data

    def _read_until(self, size: int, data: bytes) -> bytes:
        """What has come by then; of a slow sender less, whom gunicorn's way knows how to wait for."""
        if len(data) < size:
            with gevent.Timeout(BODY_SECONDS, False):
                while len(data) < size and (more := self._client.recv(_READ_BYTES)):
                    data += more
        return data

    def _asked(self, data: bytes, end: int) -> _Read | None:
        if end < 0:
            return None
        last = self._last
        if last is not None and len(last.raw) == end and data.startswith(last.raw):
            return last
        raw = data[:end]
        head = read_head(raw)
        found = None if head is None else found_in(head.path)
        if head is None or found is None or head.length > self._largest:
            return None
        self._last = _Read(raw, head, found)
        return self._last


def as_bytes(answer: Answer, keeps_alive: bool) -> bytes:
    """A whole HTTP response, with the headers that gunicorn gives."""
    body = answer.get_data()
    head = [
        f"HTTP/1.1 {answer.status}",
        f"Server: {SERVER}",
        f"Date: {_date(int(time.time()))}",
        f"Connection: {'keep-alive' if keeps_alive else 'close'}",
    ]
    head += [
        f"{name}: {value}" for name, value in answer.headers.items() if name != "Content-Length"
    ]
    head.append(f"Content-Length: {len(body)}\r\n\r\n")
    return "\r\n".join(head).encode("latin-1") + body


@lru_cache(1)
def _date(second: int) -> str:
    return str(http_date(second))
