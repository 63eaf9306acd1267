"""Events on their way to Redis: a bounded buffer and one thread, which never slow or fail a prediction.

An entry stays buffered until Redis has it, so that a short absence loses nothing; what does not
fit any more is dropped and counted. A retry may put an entry on the stream twice: readers know
it by its event_id. The last part of an event_id counts up without gaps for each publisher, so
that a reader sees how many were trimmed before it came.
"""

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Protocol

from redis import Redis
from redis.exceptions import RedisError

from slipway.core import redis_keys
from slipway.core.contracts.reading import ENTRY_FIELD

log = logging.getLogger(__name__)

ROUND_SECONDS = 0.02
PIPELINE = 100
# While little waits, the interpreter is left alone for a moment after so many events: a request that is
# being answered needs it several times, and would wait for this thread each time.
SLICE = 8
BREATH_SECONDS = 0.001
LITTLE = 200
PING_SECONDS = 5.0
# How long Redis is left alone after a failure: from the first, doubling up to the second.
BACKOFF_SECONDS = (0.25, 5.0)

# (publisher's name, next number) → the events as JSON, a number for each.
Encode = Callable[[str, int], Sequence[bytes]]


class Counts(Protocol):
    """Where published and dropped events are counted."""

    def published(self, events: int) -> None: ...

    def dropped(self, reason: str, events: int) -> None: ...


class EventStream:
    """Appends to `slipway:v1:events`. Made after a fork; `start` it, `stop` it."""

    def __init__(self, redis: Redis, counts: Counts, *, stream_max: int, buffer_max: int) -> None:
        self._redis = redis
        self._counts = counts
        self._stream_max = stream_max
        self._buffer_max = buffer_max
        self._name = secrets.token_hex(8)
        self._next = 1
        self._waiting: deque[tuple[Encode, int]] = deque()
        self._waiting_rows = 0
        self._ready: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
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

    def append(self, encode: Encode, rows: int) -> None:
        """Takes a request's events; encoded later, by the thread. Returns at once, whatever Redis does."""
        with self._lock:
            fits = self._waiting_rows + len(self._ready) + rows <= self._buffer_max
            if fits:
                self._waiting.append((encode, rows))
                self._waiting_rows += rows
        if not fits:
            self._counts.dropped("buffer_full", rows)

    def stop(self, timeout_seconds: float = 2.0) -> None:
        """Sends what is buffered as far as the time allows; the rest is dropped and counted."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)
        left = len(self._ready) + self._waiting_rows
        if left:
            self._counts.dropped("stopped", left)
            log.warning("events dropped", extra={"reason": "stopped", "events": left})

    def _run(self) -> None:
        while not self._stopping.wait(ROUND_SECONDS):
            self._encode_waiting()
            self._send_ready()
            self._ping_when_silent()
        self._encode_waiting()
        while self._ready and self._away_since is None:
            self._send_ready()

    def _encode_waiting(self) -> None:
        since = 0
        while self._waiting:
            encode, rows = self._waiting.popleft()
            try:
                self._ready.extend(encode(self._name, self._next))
                self._next += rows
            except Exception as wrong:
                self._counts.dropped("broken", rows)
                log.error("event not encoded", exc_info=wrong, extra={"events": rows})
            with self._lock:
                self._waiting_rows -= rows
            since += rows
            if since >= SLICE and self._waiting_rows < LITTLE:
                self._stopping.wait(BREATH_SECONDS)
                since = 0

    def _send_ready(self) -> None:
        while self._ready and time.monotonic() >= self._not_before:
            few = self._waiting_rows + len(self._ready) < LITTLE
            bodies = list(islice(self._ready, 2 * SLICE if few else PIPELINE))
            if not self._heard(lambda bodies=bodies: self._send(bodies)):  # type: ignore[misc]
                return
            for _ in bodies:
                self._ready.popleft()
            self._counts.published(len(bodies))
            if few:
                self._stopping.wait(BREATH_SECONDS)

    def _send(self, bodies: Sequence[bytes]) -> None:
        with self._redis.pipeline(transaction=False) as pipeline:
            for body in bodies:
                pipeline.xadd(
                    redis_keys.EVENTS,
                    {ENTRY_FIELD: body},
                    maxlen=self._stream_max,
                    approximate=True,
                )
            pipeline.execute()

    def _ping_when_silent(self) -> None:
        now = time.monotonic()
        if now >= self._not_before and now - self._heard_at >= PING_SECONDS:
            self._heard(self._redis.ping)

    def _heard(self, command: Callable[[], object]) -> bool:
        """Runs a command; whether Redis answered. After a failure it is left alone for a while."""
        try:
            command()
        except (RedisError, OSError) as wrong:
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
