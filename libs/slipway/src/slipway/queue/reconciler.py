"""Looks after open batches: puts back what a dead worker had, ends what is complete, clears what is old.

It needs nothing but what the store says: emptied, Redis is filled again. A chunk is put back when
it has no result, waits in no queue, and had no lease in this round nor in the one before, so that
a job between the queue and its lease is not taken for lost.
"""

import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from redis import Redis

from slipway.batches import index
from slipway.batches.accepting import make_findable
from slipway.batches.expiring import discard_abandoned_uploads, expire_due, forget_due
from slipway.batches.finding import committed_chunks, find_finished, find_manifest
from slipway.batches.finishing import close, end_early, finish_if_complete
from slipway.batches.records import Manifest
from slipway.core.contracts.jobs import SCHEMA, ChunkJob
from slipway.core.errors import NotFound
from slipway.core.redis_keys import BATCH_RECONCILER, batch_deliveries
from slipway.core.store import Entry, Store
from slipway.queue.backlog import Backlog
from slipway.queue.batch_queue import BatchQueue
from slipway.queue.facts import redis_facts
from slipway.queue.leases import leased
from slipway.queue.progress import ProgressBook

log = logging.getLogger(__name__)

LOCK_SECONDS = 30
# A batch that has an entry but no manifest for so long was never accepted.
_NEVER_ACCEPTED = timedelta(hours=1)
_CLEARING_INTERVAL = timedelta(minutes=1)


@dataclass
class Round:
    """What one round did. open_batches, pending_rows: as they were found."""

    open_batches: int = 0
    pending_rows: int = 0
    put_back: int = 0
    given_up: int = 0
    ended: int = 0
    expired: int = 0


@dataclass
class Open:
    """What is known of an open batch from earlier rounds."""

    manifest: Manifest
    committed: set[int] = field(default_factory=set)
    missed: set[int] = field(default_factory=set)


@dataclass
class Reconciler:
    """Several may run; a lock lets one at a time do a round. kept: how long batches are remembered."""

    store: Store
    connection: Redis
    queue: BatchQueue
    max_deliveries: int
    kept: timedelta
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    _open: dict[str, Open] = field(default_factory=dict)
    _cleared_at: datetime | None = None

    def __post_init__(self) -> None:
        self._backlog = Backlog(self.connection)
        self._progress = ProgressBook(self.connection)

    def run_once(self, now: datetime) -> Round | None:
        """None where another process is at it. Raises Unavailable when the store or Redis is away."""
        with redis_facts():
            mine = self.connection.set(BATCH_RECONCILER, self.name, nx=True, ex=LOCK_SECONDS)
        if not mine:
            return None
        try:
            return self._round(now)
        finally:
            with redis_facts():
                self.connection.delete(BATCH_RECONCILER)

    def _round(self, now: datetime) -> Round:
        done = Round()
        pending = self._backlog.pending()  # before the batches: none of these is newer than they
        waiting = self.queue.waiting()
        entries = list(index.open_batches(self.store))
        for entry in entries:
            found = self._find(entry, now)
            if found is not None:
                self._look_after(found, waiting, pending, now, done)
        ids = {index.id_of(entry.key) for entry in entries}
        for batch_id in pending.keys() - ids:
            self._backlog.forget(batch_id)
        self._open = {batch_id: known for batch_id, known in self._open.items() if batch_id in ids}
        done.open_batches, done.pending_rows = len(entries), sum(pending.values())
        self._clear(now, done)
        return done

    def _find(self, entry: Entry, now: datetime) -> Open | None:
        batch_id = index.id_of(entry.key)
        if batch_id not in self._open:
            try:
                manifest = find_manifest(self.store, batch_id)
            except NotFound:
                if now - entry.modified_at > _NEVER_ACCEPTED:
                    self._drop(batch_id)
                return None
            make_findable(self.store, manifest)
            self._open[batch_id] = Open(manifest)
        return self._open[batch_id]

    def _drop(self, batch_id: str) -> None:
        """Takes the entry away, and puts it back where the batch was accepted at this moment."""
        self.store.delete(index.open_key(batch_id))
        try:
            make_findable(self.store, find_manifest(self.store, batch_id))
        except NotFound:
            return

    def _look_after(
        self,
        known: Open,
        waiting: set[tuple[str, int]],
        pending: dict[str, int],
        now: datetime,
        done: Round,
    ) -> None:
        manifest = known.manifest
        batch_id = manifest.batch_id
        if manifest.has_expired(now) or find_finished(self.store, batch_id) is not None:
            self._close(batch_id)
            return
        unseen = [
            chunk
            for chunk in manifest.chunks
            if chunk not in known.committed and (batch_id, chunk) not in waiting
        ]
        if unseen:
            unseen = self._without_result(known, unseen)
        if len(known.committed) == len(manifest.chunk_rows):
            finish_if_complete(self.store, manifest, now)
            self._close(batch_id)
            done.ended += 1
            return
        lost = set(unseen) & known.missed
        known.missed = set(unseen) - lost
        self._put_back(manifest, sorted(lost), now, done)
        left = manifest.rows - sum(manifest.chunk_rows[chunk] for chunk in known.committed)
        if pending.get(batch_id) != left:
            self._backlog.set_pending(batch_id, left)

    def _without_result(self, known: Open, chunks: Iterable[int]) -> list[int]:
        batch_id = known.manifest.batch_id
        held = leased(self.connection, batch_id, chunks)
        known.committed = committed_chunks(self.store, batch_id)
        return [chunk for chunk in chunks if chunk not in held | known.committed]

    def _put_back(self, manifest: Manifest, chunks: list[int], now: datetime, done: Round) -> None:
        jobs = []
        for chunk in chunks:
            delivery = self._next_delivery(manifest, chunk)
            if delivery > self.max_deliveries:
                error = f"Chunk {chunk} was given up: its worker died {self.max_deliveries} times."
                end_early(self.store, manifest, "failed", now, error=error)
                self._close(manifest.batch_id)
                done.given_up += 1
                return
            jobs.append(ChunkJob(SCHEMA, manifest.batch_id, chunk, delivery))
        if jobs:
            self.queue.put_back(jobs)
            log.warning(
                "chunks put back",
                extra={"batch": manifest.batch_id, "chunks": [job.chunk for job in jobs]},
            )
        done.put_back += len(jobs)

    def _next_delivery(self, manifest: Manifest, chunk: int) -> int:
        key = batch_deliveries(manifest.batch_id)
        with redis_facts(), self.connection.pipeline() as pipeline:
            pipeline.hincrby(key, str(chunk), 1)
            pipeline.expireat(key, manifest.expires_at)
            return int(pipeline.execute()[0]) + 1

    def _close(self, batch_id: str) -> None:
        close(self.store, batch_id)
        self._backlog.forget(batch_id)
        self._progress.forget(batch_id)
        self._open.pop(batch_id, None)

    def _clear(self, now: datetime, done: Round) -> None:
        if self._cleared_at is not None and now - self._cleared_at < _CLEARING_INTERVAL:
            return
        self._cleared_at = now
        done.expired = expire_due(self.store, now, self.kept)
        forget_due(self.store, now)
        discard_abandoned_uploads(self.store, now)
        self.store.delete_abandoned_uploads(now - timedelta(days=1))
