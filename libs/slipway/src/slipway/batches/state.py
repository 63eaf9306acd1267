"""How a batch is doing, as its status route tells it."""

from datetime import datetime
from typing import Literal

import msgspec

from slipway.batches.finding import committed_chunks, finished_of, started_of
from slipway.batches.records import Finished, Manifest, Started
from slipway.core.store import Store

Status = Literal["queued", "running", "succeeded", "failed", "cancelled", "expired"]


class BatchState(msgspec.Struct, frozen=True):
    """The contract's answer; times in UTC."""

    id: str
    status: Status
    model_name: str
    model_version: str
    rows_total: int
    rows_done: int
    rows_failed: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None


def state_of(store: Store, manifest: Manifest) -> BatchState:
    """Raises Unavailable."""
    finished = finished_of(store, manifest.batch_id)
    started = started_of(store, manifest.batch_id)
    if finished is None:
        committed = committed_chunks(store, manifest.batch_id)
        return _state(manifest, started, None, sum(manifest.chunk_rows[n] for n in committed))
    return _state(manifest, started, finished, finished.rows_done)


def _state(
    manifest: Manifest, started: Started | None, finished: Finished | None, rows_done: int
) -> BatchState:
    return BatchState(
        id=manifest.batch_id,
        status=finished.status if finished else "running" if started else "queued",
        model_name=manifest.model_name,
        model_version=manifest.model_version,
        rows_total=manifest.rows,
        rows_done=rows_done,
        rows_failed=finished.rows_failed if finished else 0,
        created_at=manifest.created_at,
        started_at=started.started_at if started else None,
        finished_at=finished.finished_at if finished else None,
        error=finished.error if finished else None,
    )
