"""How much waits, and whether more may: bounded by rows and by Redis's memory."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from redis import Redis

from slipway.core.errors import QueueFull, TooLarge
from slipway.core.redis_keys import BATCH_PENDING_ROWS, batch_drained_rows
from slipway.queue.facts import redis_facts

_BUCKET_SECONDS = 10
_BUCKETS = 6
_BUCKET_KEPT_SECONDS = 600
# What a chunk's job takes of Redis's memory, rounded up: 1,950 were measured among 5,000 jobs.
JOB_BYTES = 2_500
LONGEST_WAIT_SECONDS = 600.0
UNKNOWN_WAIT_SECONDS = 30.0


@dataclass(frozen=True)
class BacklogLimits:
    """memory_ratio: of Redis's maxmemory, 0 to 1, where it has one."""

    rows: int
    memory_ratio: float


@dataclass(frozen=True)
class Backlog:
    """Rows of accepted batches that have no result yet. Raises Unavailable when Redis is away."""

    connection: Redis

    def check(self, limits: BacklogLimits, now: float) -> None:
        """Raises QueueFull where not even one more row may wait. now: seconds since 1970."""
        self._check_memory(1, limits)
        pending = self.pending_rows()
        if pending >= limits.rows:
            raise self._full(pending + 1 - limits.rows, now)

    def reserve(
        self, batch_id: str, chunk_rows: Sequence[int], limits: BacklogLimits, now: float
    ) -> None:
        """Counts a batch before it exists. Raises QueueFull where its rows or jobs do not fit.

        Of several at once none exceeds the bound together with the others; a batch of more rows
        than the bound fits where nothing else waits, one of too many chunks for Redis is TooLarge.
        """
        self._check_memory(len(chunk_rows), limits)
        rows = sum(chunk_rows)
        with redis_facts():
            first = self.connection.hsetnx(BATCH_PENDING_ROWS, batch_id, rows)
        pending = self.pending_rows()
        if first and pending > max(limits.rows, rows):
            self.forget(batch_id)
            raise self._full(pending - limits.rows, now)

    def _check_memory(self, jobs: int, limits: BacklogLimits) -> None:
        """A Redis that is full takes no job and gives none out: it must not come to that."""
        with redis_facts():
            memory = self.connection.info("memory")
        used, most = int(memory["used_memory"]), int(memory.get("maxmemory", 0))
        room, needed = limits.memory_ratio * most, jobs * JOB_BYTES
        if most and needed > room:
            raise TooLarge(f"{jobs} chunks are more than Redis has memory for.")
        if most and used + needed > room:
            raise QueueFull(
                "The batch queue's memory is nearly full.",
                retry_after_seconds=UNKNOWN_WAIT_SECONDS,
            )

    def pending_rows(self) -> int:
        return sum(self.pending().values())

    def pending(self) -> dict[str, int]:
        """Rows by batch; a late worker may have counted one below nothing."""
        with redis_facts():
            found = self.connection.hgetall(BATCH_PENDING_ROWS)
        return {_text(batch_id): max(0, int(rows)) for batch_id, rows in found.items()}

    def set_pending(self, batch_id: str, rows: int) -> None:
        """What the store says, where it differs from what was counted."""
        with redis_facts():
            self.connection.hset(BATCH_PENDING_ROWS, batch_id, rows)

    def note_done(self, batch_id: str, rows: int, now: float) -> None:
        """A chunk of so many rows was committed."""
        bucket = batch_drained_rows(int(now // _BUCKET_SECONDS))
        with redis_facts(), self.connection.pipeline() as pipeline:
            pipeline.hincrby(BATCH_PENDING_ROWS, batch_id, -rows)
            pipeline.incrby(bucket, rows)
            pipeline.expire(bucket, _BUCKET_KEPT_SECONDS)
            pipeline.execute()

    def forget(self, batch_id: str) -> None:
        with redis_facts():
            self.connection.hdel(BATCH_PENDING_ROWS, batch_id)

    def drain_rate(self, now: float) -> float:
        """Rows done a second, over the last minute."""
        current = int(now // _BUCKET_SECONDS)
        keys = {current - age: batch_drained_rows(current - age) for age in range(_BUCKETS + 1)}
        with redis_facts():
            counts = self.connection.mget(list(keys.values()))
        drained = {bucket: int(rows or 0) for bucket, rows in zip(keys, counts, strict=True)}
        return rate_of(drained, now)

    def _full(self, rows_over: int, now: float) -> QueueFull:
        wait = wait_seconds(rows_over, self.drain_rate(now))
        message = f"Too many rows wait in the batch queue; try again in {math.ceil(wait)} s."
        return QueueFull(message, retry_after_seconds=wait)


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()


def rate_of(drained: Mapping[int, int], now: float) -> float:
    """Rows a second over the buckets in which any were done, and the time since."""
    busy = [bucket for bucket, rows in drained.items() if rows]
    if not busy:
        return 0.0
    return sum(drained.values()) / max(1.0, now - min(busy) * _BUCKET_SECONDS)


def wait_seconds(rows_over: int, rows_per_second: float) -> float:
    """How long until so many rows are done, between a second and ten minutes."""
    if rows_per_second <= 0:
        return UNKNOWN_WAIT_SECONDS
    return min(LONGEST_WAIT_SECONDS, max(1.0, rows_over / rows_per_second))
