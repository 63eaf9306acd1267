"""One stream read in a consumer group: acknowledged after the log's commit, never before.

The consumer's name is fixed, so that what a killed monitor had read and not committed is the
first thing that the next one reads. The log tells what it has already, by unique ids.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from redis import Redis
from redis.exceptions import RedisError, ResponseError
from sqlalchemy.exc import SQLAlchemyError

from monitor.metrics import MonitorMetrics
from slipway.core.contracts.reading import ENTRY_FIELD
from slipway.core.redis_keys import MONITOR_GROUP

log = logging.getLogger(__name__)

CONSUMER = "monitor"
ENTRIES_A_ROUND = 500
BLOCK_MS = 500
LAG_EVERY_SECONDS = 5.0
BACKOFF_SECONDS = (0.5, 5.0)
_FIELD = ENTRY_FIELD.encode()


class Entry(NamedTuple):
    """An entry's id on the stream, and what it says: empty where it has no field of ours."""

    entry_id: str
    body: bytes


Sink = Callable[[Sequence[Entry]], None]


class StreamReader:
    """A thread that hands a stream's entries to `sink`, at least once each, in order."""

    def __init__(
        self,
        redis: Redis,
        key: str,
        name: str,
        sink: Sink,
        metrics: MonitorMetrics,
        *,
        delete_when_read: bool = False,
    ) -> None:
        self._redis = redis
        self._key = key
        self.name = name
        self._sink = sink
        self._metrics = metrics
        self._delete = delete_when_read
        self._cursor = "0"  # first what was read before and never acknowledged
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._backoff_seconds = BACKOFF_SECONDS[0]
        self._lag_at = 0.0
        self.state = "starting"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def join(self, timeout_seconds: float = 5.0) -> None:
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._round()
                self.state, self._backoff_seconds = "ok", BACKOFF_SECONDS[0]
            except ResponseError as wrong:
                if "NOGROUP" in str(wrong):
                    self._make_group()
                else:
                    self._fail("redis", wrong)
            except (RedisError, OSError) as wrong:
                self._fail("redis", wrong)
            except SQLAlchemyError as wrong:
                self._fail("database", wrong)

    def _round(self) -> None:
        entries = self._read()
        if entries:
            # Without fields: trimmed after a killed monitor had read it.
            found = [Entry(i.decode(), f.get(_FIELD, b"")) for i, f in entries if f]
            with self._metrics.intake_duration.labels(self.name).time():
                self._sink(found)
            self._acknowledge([entry_id for entry_id, _ in entries])
        if self._cursor != ">":
            self._cursor = entries[-1][0].decode() if entries else ">"
        if time.monotonic() - self._lag_at >= LAG_EVERY_SECONDS:
            self._measure_lag(len(entries))

    def _read(self) -> list[tuple[bytes, dict[bytes, bytes] | None]]:
        streams: Any = {self._key: self._cursor}
        answer: Any = self._redis.xreadgroup(
            MONITOR_GROUP, CONSUMER, streams, count=ENTRIES_A_ROUND, block=BLOCK_MS
        )
        return answer[0][1] if answer else []

    def _acknowledge(self, ids: Sequence[bytes]) -> None:
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.xack(self._key, MONITOR_GROUP, *ids)
            if self._delete:
                pipeline.xdel(self._key, *ids)
            pipeline.execute()

    def _make_group(self) -> None:
        try:
            self._redis.xgroup_create(self._key, MONITOR_GROUP, id="0", mkstream=True)
        except ResponseError as wrong:
            if "BUSYGROUP" not in str(wrong):
                self._fail("redis", wrong)
        except (RedisError, OSError) as wrong:
            self._fail("redis", wrong)

    def _measure_lag(self, read: int) -> None:
        self._lag_at = time.monotonic()
        lag: int | None = None
        groups: Any = self._redis.xinfo_groups(self._key)
        for group in groups:
            if group["name"] in (MONITOR_GROUP, MONITOR_GROUP.encode()):
                lag = group.get("lag")
                if lag is not None:
                    lag += group["pending"]
        if lag is None:  # Redis before 7, or entries were deleted between
            length: Any = self._redis.xlen(self._key)
            lag = length if self._delete or read == ENTRIES_A_ROUND else 0
        self._metrics.stream_lag.labels(self.name).set(lag)

    def _fail(self, what: str, wrong: Exception) -> None:
        if self.state != f"{what} away":
            extra = {"stream": self.name, "reason": f"{what}: {type(wrong).__name__}"}
            log.warning("intake waits", extra=extra)
        self.state = f"{what} away"
        self._metrics.intake_failures.labels(self.name, what).inc()
        self._cursor = "0"
        self._stopping.wait(self._backoff_seconds)
        self._backoff_seconds = min(self._backoff_seconds * 2, BACKOFF_SECONDS[1])
