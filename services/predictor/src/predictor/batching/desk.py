"""Where batches are handed in and asked for; the store and the queue are opened when first used."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property

from redis import Redis

from predictor.batching.asked import Asked
from predictor.batching.body import Body
from predictor.request_context import RequestContext
from slipway.batches.accepting import Accepted, Submission, accept, repeated
from slipway.batches.cutting import ChunkLimits
from slipway.batches.finding import find_finished, find_manifest
from slipway.batches.finishing import end_early
from slipway.batches.layout import new_batch_id
from slipway.batches.listing import owned_batches
from slipway.batches.records import Manifest
from slipway.batches.results import stream_results
from slipway.batches.state import BatchState, Progress, state_of
from slipway.core.errors import Conflict, NotFound, Overloaded, Unavailable
from slipway.core.settings import PredictorSettings
from slipway.core.store import Store, open_store
from slipway.queue.backlog import Backlog, BacklogLimits
from slipway.queue.batch_queue import BatchQueue
from slipway.queue.connection import impatient
from slipway.queue.progress import ProgressBook

log = logging.getLogger(__name__)

_REDIS_SECONDS = 1.0


class BatchDesk:
    """What the routes of batches do. Raises Unavailable without a store or without Redis."""

    def __init__(self, settings: PredictorSettings) -> None:
        self._settings = settings
        self._uploads = threading.BoundedSemaphore(settings.batch_max_uploads)

    @cached_property
    def store(self) -> Store:
        return open_store(self._settings)

    @cached_property
    def _redis(self) -> Redis:
        return impatient(self._settings, _REDIS_SECONDS)

    @contextmanager
    def place_for(self, content_length: int | None) -> Iterator[None]:
        """Raises Overloaded where enough large bodies are read already; small ones need no place."""
        if content_length is not None and content_length <= self._settings.max_body_bytes:
            yield
            return
        if not self._uploads.acquire(blocking=False):
            raise Overloaded("Enough large bodies are being read.", retry_after_seconds=2)
        try:
            yield
        finally:
            self._uploads.release()

    def check_room(self) -> None:
        """Before anything is read. Raises QueueFull, or Unavailable without a store or Redis."""
        self.store.check_reachable()
        Backlog(self._redis).check(self._limits(), time.time())

    def accept(
        self, asked: Asked, body: Body, idempotency_key: str | None, caller: RequestContext
    ) -> Manifest:
        """Stores the rows, names the batch, and puts its chunks on the queue.

        Raises Conflict where the Idempotency-Key was used for something else, QueueFull.
        """
        batch_id = new_batch_id(caller.key_id, idempotency_key)
        if idempotency_key is not None and self._exists(batch_id):
            for _ in asked.lines:
                continue  # the digest is of all of it
            return repeated(self.store, batch_id, body.digest()).manifest
        accepted = self._accept(batch_id, asked, body, caller)
        if accepted.new:
            self._enqueue(accepted.manifest)
        return accepted.manifest

    def _accept(self, batch_id: str, asked: Asked, body: Body, caller: RequestContext) -> Accepted:
        settings, backlog = self._settings, Backlog(self._redis)
        submission = Submission(
            batch_id=batch_id,
            model_name=asked.model.name,
            model_version=asked.model.version,
            model_digest=asked.model.digest,
            key_id=caller.key_id,
            created_at=datetime.now(UTC),
            kept=timedelta(seconds=settings.batch_kept_seconds),
        )
        limits = ChunkLimits(
            settings.batch_chunk_rows, settings.batch_chunk_bytes, settings.batch_max_rows
        )
        return accept(
            self.store,
            submission,
            asked.lines,
            limits,
            body.digest,
            lambda chunk_rows: backlog.reserve(batch_id, chunk_rows, self._limits(), time.time()),
        )

    def _enqueue(self, manifest: Manifest) -> None:
        """The batch exists: whatever of this does not succeed, the reconciler does."""
        queue = BatchQueue(self._redis, self._settings.batch_chunk_timeout_seconds)
        try:
            queue.enqueue(manifest.batch_id, manifest.chunks)
        except Unavailable as wrong:
            log.warning(
                "batch not queued yet", extra={"batch": manifest.batch_id, "reason": str(wrong)}
            )

    def find(self, batch_id: str, caller: RequestContext) -> Manifest:
        """Raises NotFound for a batch that is not the caller's, as for one that does not exist."""
        manifest = find_manifest(self.store, batch_id)
        if manifest.key_id != caller.key_id and not caller.admin:
            raise NotFound("There is no such batch.")
        return manifest

    def state(self, manifest: Manifest) -> BatchState:
        return state_of(self.store, manifest, datetime.now(UTC), self._progress(manifest))

    def results(self, manifest: Manifest) -> Iterator[bytes]:
        return stream_results(self.store, manifest, datetime.now(UTC))

    def list(self, caller: RequestContext, limit: int, after: Manifest | None) -> list[Manifest]:
        return owned_batches(self.store, caller.key_id, limit, after)

    def cancel(self, manifest: Manifest) -> None:
        """Raises Conflict where the batch had ended otherwise."""
        failed = progress.rows_failed if (progress := self._progress(manifest)) else 0
        now = datetime.now(UTC)
        if end_early(self.store, manifest, "cancelled", now, rows_failed=failed):
            return
        finished = find_finished(self.store, manifest.batch_id)
        if finished is not None and finished.status != "cancelled":
            raise Conflict(f"The batch {finished.status} before it could be cancelled.")

    def _progress(self, manifest: Manifest) -> Progress | None:
        """None while Redis is away or knows nothing: it is counted in the store then."""
        try:
            progress = ProgressBook(self._redis).read(manifest)
        except Unavailable:
            return None
        return progress if progress.rows_done else None

    def _exists(self, batch_id: str) -> bool:
        try:
            find_manifest(self.store, batch_id)
        except NotFound:
            return False
        return True

    def _limits(self) -> BacklogLimits:
        settings = self._settings
        return BacklogLimits(settings.batch_max_pending_rows, settings.batch_max_memory_ratio)
