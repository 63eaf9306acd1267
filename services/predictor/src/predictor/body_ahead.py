"""Bodies read on the loop before a thread is taken: a slow sender holds his connection, and nothing else."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gevent
from gunicorn.http.errors import ParseException

from predictor.body_rest import TooSlow

PIECE_BYTES = 65_536
# A body of the largest size has this long; a link of 140 kbit/s carries a megabyte in it.
SECONDS = 60.0
# Of all requests of a process together.
MOST_HELD_BYTES = 64 * 1024 * 1024


class NoRoom(Exception):
    """As much is held as may be."""


class BodiesAhead:
    """most_bytes: of one body. What is larger by its own account is left to be read, or refused, later;
    of chunks that go on beyond it the rest is."""

    def __init__(
        self, most_bytes: int, seconds: float = SECONDS, most_held_bytes: int = MOST_HELD_BYTES
    ) -> None:
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._most_held_bytes = most_held_bytes
        self._held = 0  # counted on the loop alone

    @contextmanager
    def held(self, environ: dict[str, Any]) -> Iterator[None]:
        """Within it `wsgi.input` gives what was read, then the rest. Raises NoRoom or TooSlow."""
        length = environ.get("CONTENT_LENGTH") or ""
        if length.isdigit() and int(length) > self._most_bytes:
            yield
            return
        body = environ["wsgi.input"]
        ahead = bytearray()
        try:
            broken = self._read(body, ahead)
            environ["wsgi.input"] = _Body(bytes(ahead), body, broken)
            yield
        finally:
            self._held -= len(ahead)

    def _read(self, body: Any, ahead: bytearray) -> ParseException | None:
        """Fills `ahead`. Returns what broke: a view that reads that far is told."""
        with gevent.Timeout(self._seconds, TooSlow("the body did not arrive in time")):
            while len(ahead) <= self._most_bytes:
                try:
                    piece = body.read(PIECE_BYTES)
                except ParseException as wrong:
                    return wrong
                if not piece:
                    break
                if self._held + len(piece) > self._most_held_bytes:
                    raise NoRoom("as many bodies are held as may be")
                ahead += piece
                self._held += len(piece)
        return None


class _Body:
    """wsgi.input: what was read ahead, then what is left. reader: gunicorn's, which knows the connection."""

    def __init__(self, ahead: bytes, rest: Any, broken: ParseException | None) -> None:
        self._ahead = io.BytesIO(ahead)
        self._rest = rest
        self._broken = broken
        self.reader = getattr(rest, "reader", None)

    def read(self, size: int = -1) -> bytes:
        found = self._ahead.read(size)
        if size < 0 or (size and not found):
            found += self._after().read(size)
        return found

    def readline(self, size: int = -1) -> bytes:
        found = self._ahead.readline(size)
        if not found.endswith(b"\n") and len(found) != size:
            found += self._after().readline(size - len(found) if size >= 0 else -1)
        return found

    def _after(self) -> Any:
        """What comes next. What broke is raised once; nothing can be read behind it."""
        if self._broken is not None:
            broken, self._broken, self._rest = self._broken, None, io.BytesIO()
            raise broken
        return self._rest
