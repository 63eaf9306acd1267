"""Batches as this process accepts and shows them; the store and the queue are opened when first used."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property

from predictor.request_context import RequestContext
from slipway.batches import layout
from slipway.batches.cutting import ChunkCutter, ChunkLimits
from slipway.batches.finding import manifest_of
from slipway.batches.finishing import end_early
from slipway.batches.records import SCHEMA, Manifest, to_json
from slipway.batches.results import stream_results
from slipway.batches.state import BatchState, state_of
from slipway.core.errors import NotFound
from slipway.core.settings import PredictorSettings
from slipway.core.store import Store, open_store
from slipway.model.runtime import Model
from slipway.queue.batch_queue import BatchQueue
from slipway.queue.connection import impatient


class BatchDesk:
    """What the routes of batches do. Raises Unavailable without a store or without Redis."""

    def __init__(self, settings: PredictorSettings) -> None:
        self._settings = settings

    @cached_property
    def store(self) -> Store:
        return open_store(self._settings)

    @cached_property
    def queue(self) -> BatchQueue:
        return BatchQueue(impatient(self._settings), self._settings.batch_chunk_timeout_seconds)

    def accept(self, model: Model, lines: Iterator[bytes], key_id: str | None) -> Manifest:
        """Stores the rows, names the batch, and puts its chunks on the queue."""
        self.queue.check_reachable()
        batch_id = secrets.token_hex(16)
        cutter = ChunkCutter(self.store, batch_id, self._limits())
        digest = hashlib.sha256()
        for line in lines:
            digest.update(line)
            cutter.add(line)
        manifest = Manifest(
            schema=SCHEMA,
            batch_id=batch_id,
            model_name=model.name,
            model_version=model.version,
            created_at=datetime.now(UTC),
            digest=digest.hexdigest(),
            upload=cutter.upload,
            chunk_rows=cutter.finish(),
            key_id=key_id,
        )
        self.store.create(layout.manifest_key(batch_id), to_json(manifest))
        self.queue.enqueue(batch_id, range(len(manifest.chunk_rows)))
        return manifest

    def find(self, batch_id: str, caller: RequestContext) -> Manifest:
        """Raises NotFound for a batch that is not the caller's, as for one that does not exist."""
        manifest = manifest_of(self.store, batch_id)
        if manifest.key_id != caller.key_id and not caller.admin:
            raise NotFound("There is no such batch.")
        return manifest

    def state(self, manifest: Manifest) -> BatchState:
        return state_of(self.store, manifest)

    def results(self, manifest: Manifest) -> Iterator[bytes]:
        return stream_results(self.store, manifest)

    def cancel(self, manifest: Manifest) -> None:
        end_early(self.store, manifest, "cancelled", datetime.now(UTC))

    def _limits(self) -> ChunkLimits:
        settings = self._settings
        return ChunkLimits(
            settings.batch_chunk_rows, settings.batch_chunk_bytes, settings.batch_max_rows
        )
