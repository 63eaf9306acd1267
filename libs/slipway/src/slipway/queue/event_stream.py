"""Events on their way to Redis: a bounded buffer and one thread, which never slow or fail a prediction.

An entry stays buffered until Redis has it, so that a short absence loses nothing; what does not
fit any more is dropped and counted. A retry may put an entry on the stream twice: readers know
it by its event_id. The last part of an event_id counts up without gaps for each publisher, so
that a reader sees how many were trimmed before it came.

The thread takes the interpreter from whoever answers requests, each time it runs. Therefore it runs
seldom, once enough events have gathered for one command, or after a while, and sends them together.
"""

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Protocol

from redis import Redis
from redis.exceptions import RedisError

from slipway.core import redis_keys
from slipway.core.contracts.events import Event, event_to_json
from slipway.core.contracts.reading import ENTRY_FIELD

log = logging.getLogger(__name__)

# How long events gather at most.
ROUND_SECONDS = 0.5
# Entries of one command, and how long they may be together; Redis does nothing else meanwhile.
MOST_AT_ONCE, LARGEST_BYTES = 500, 1 << 20
# So many do not wait for the end of a round; some more come before the thread has its turn.
ENOUGH = 400
PING_SECONDS = 5.0
# How long Redis is left alone after a failure, at least: from the first, doubling up to the second.
BACKOFF_SECONDS = (0.25, 5.0)
# One command and one answer for all entries: a pipeline of XADD costs the client ten times as much.
_APPEND = b"""
local call, key, most, field = redis.call, KEYS[1], ARGV[1], ARGV[2]
for number = 3, #ARGV do
  call('XADD', key, '*', field, ARGV[number])
end
call('XTRIM', key, 'MAXLEN', '~', most)
"""

# A request's events, a row each, without their event_id.
Make = Callable[[], Sequence[Event]]


def _with_id(body: bytes, event_id: str) -> bytes:
    """The event's JSON, in which the empty event_id is the second field."""
    return body.replace(b'"event_id":""', b'"event_id":"%b"' % event_id.encode(), 1)


def _argument(value: bytes) -> bytes:
    """As one of a command's, in Redis's protocol (RESP: a bulk string)."""
    return b"$%d\r\n%b\r\n" % (len(value), value)


class Counts(Protocol):
    """Where published and dropped events are counted."""

    def published(self, events: int) -> None: ...

    def dropped(self, reason: str, events: int) -> None: ...


class EventStream:
    """Appends to `slipway:v1:events`. Made after a fork; `start` it, `stop` it."""

    def __init__(self, redis: Redis, counts: Counts, *, stream_max: int, buffer_max: int) -> None:
        self._redis = redis
        self._connection: Any = None
        self._counts = counts
        self._stream_max = stream_max
        self._buffer_max = buffer_max
        self._enough = min(ENOUGH, max(1, buffer_max // 2))
        self._name = secrets.token_hex(8)
        self._next = 1
        self._held = 0  # rows that were taken and are neither sent nor dropped
        self._gathered = 0  # rows that were taken since the thread last looked
        self._later: deque[tuple[Make, int]] = deque()
        self._ready: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._stopping = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)
        self._away_since: float | None = None
        self._backoff_seconds = BACKOFF_SECONDS[0]
        self._not_before = 0.0
        self._heard_at = 0.0

    def start(self) -> None:
        self._thread.start()

    @property
    def state(self) -> str:
        """What this process knows of Redis: `ok`, `away`, or `unknown` before the first word."""
        if self._away_since is not None:
            return "away"
        return "ok" if self._heard_at else "unknown"

    def append(self, make: Make, rows: int, *, later: bool) -> None:
        """Takes a request's events, whatever Redis does.

        later: whether they are made by the thread, which is right for what takes long, and costs
        more; otherwise at once.
        """
        with self._lock:
            fits = self._held + rows <= self._buffer_max
            if fits:
                self._held += rows
        if not fits:
            self._counts.dropped("buffer_full", rows)
            return
        if later:
            self._later.append((make, rows))
        else:
            self._make_ready(make, rows)
        with self._lock:
            self._gathered += rows
        if self._gathered >= self._enough and not self._wake.is_set():
            self._wake.set()

    def stop(self, timeout_seconds: float = 2.0) -> None:
        """Sends what is buffered as far as the time allows; the rest is dropped and counted."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)
        if self._held:
            self._counts.dropped("stopped", self._held)
            log.warning("events dropped", extra={"reason": "stopped", "events": self._held})

    def _make_ready(self, make: Make, rows: int) -> None:
        try:
            bodies = [event_to_json(event) for event in make()]
        except Exception as wrong:
            self._release(rows)
            self._counts.dropped("broken", rows)
            log.error("event not made", exc_info=wrong, extra={"events": rows})
            return
        with self._lock:  # numbered as they stand on the stream
            for body in bodies:
                self._ready.append(_argument(_with_id(body, f"{self._name}-{self._next}")))
                self._next += 1

    def _release(self, rows: int) -> None:
        with self._lock:
            self._held -= rows

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(ROUND_SECONDS)
            self._wake.clear()
            with self._lock:
                self._gathered = 0
            self._make_what_waits()
            self._send_ready()
            self._ping_when_silent()
        self._make_what_waits()
        while self._ready and self._away_since is None:
            self._send_ready()

    def _make_what_waits(self) -> None:
        while self._later:
            self._make_ready(*self._later.popleft())

    def _send_ready(self) -> None:
        """What is ready as this begins, and what its last command has room for."""
        left = len(self._ready)
        while left > 0 and time.monotonic() >= self._not_before:
            entries = self._next_entries()
            left -= len(entries)
            if not self._heard(lambda entries=entries: self._send(entries)):  # type: ignore[misc]
                return
            for _ in entries:
                self._ready.popleft()
            self._release(len(entries))
            self._counts.published(len(entries))

    def _next_entries(self) -> list[bytes]:
        with self._lock:
            entries = list(islice(self._ready, MOST_AT_ONCE))
        size = 0
        for count, entry in enumerate(entries):
            size += len(entry)
            if count and size > LARGEST_BYTES:
                return entries[:count]
        return entries

    def _send(self, entries: Sequence[bytes]) -> None:
        command = "EVAL", _APPEND, 1, redis_keys.EVENTS, self._stream_max, ENTRY_FIELD
        self._ask(command, entries)

    def _ask(self, command: Sequence[Any], arguments: Sequence[bytes] = ()) -> None:
        """On a connection of its own, in one piece: what a client does around each command takes longer
        than this. Closed by a failure, it is opened again by the next command.

        arguments: further ones, as `_argument` makes them.
        """
        if self._connection is None:
            self._connection = self._redis.connection_pool.get_connection()
        _, _, words = b"".join(self._connection.pack_command(*command)).partition(b"\r\n")
        count = b"*%d\r\n" % (len(command) + len(arguments))
        packed = b"".join((count, words, *arguments))
        self._connection.send_packed_command([packed], check_health=False)
        self._connection.read_response()

    def _ping_when_silent(self) -> None:
        now = time.monotonic()
        if now >= self._not_before and now - self._heard_at >= PING_SECONDS:
            self._heard(lambda: self._ask(("PING",)))

    def _heard(self, command: Callable[[], object]) -> bool:
        """Runs a command; whether Redis answered. After a failure it is left alone for a while."""
        try:
            command()
        except (RedisError, OSError) as wrong:
            if self._connection is not None:  # whoever answered so may not be who should be asked
                self._connection.disconnect()
            now = time.monotonic()
            if self._away_since is None:
                self._away_since = now
                log.warning("redis away", extra={"reason": type(wrong).__name__})
            self._not_before = now + self._backoff_seconds
            self._backoff_seconds = min(self._backoff_seconds * 2, BACKOFF_SECONDS[1])
            return False
        self._heard_at = time.monotonic()
        if self._away_since is not None:
            away = self._heard_at - self._away_since
            log.info("redis is back", extra={"away_seconds": round(away, 3)})
        self._away_since, self._backoff_seconds = None, BACKOFF_SECONDS[0]
        return True
