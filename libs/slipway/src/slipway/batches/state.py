"""How a batch is doing, as its status route tells it."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from slipway.batches.finding import committed_chunks, find_finished, find_started
from slipway.batches.records import Finished, Manifest, Started
from slipway.core.store import Store

Status = Literal["queued", "running", "succeeded", "failed", "cancelled", "expired"]


class BatchState(msgspec.Struct, frozen=True):
    """The contract's answer. Times are UTC; rates and estimates are of running batches alone."""

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
    expires_at: datetime
    error: str | None
    rows_per_second: float | None = None
    estimated_finish_at: datetime | None = None


class Progress(msgspec.Struct, frozen=True):
    """Rows of committed chunks, and how many of them have an error instead of an answer."""

    rows_done: int
    rows_failed: int


def state_of(
    store: Store, manifest: Manifest, now: datetime, known: Progress | None = None
) -> BatchState:
    """known: the progress, where somebody counted along; else it is counted here."""
    finished = find_finished(store, manifest.batch_id)
    started = find_started(store, manifest.batch_id)
    if finished is not None:
        progress = Progress(finished.rows_done, finished.rows_failed)
    else:
        progress = known or progress_in(store, manifest)
    return describe(manifest, started, finished, progress, now)


def progress_in(store: Store, manifest: Manifest) -> Progress:
    """How many rows failed is not told before the end: it would take reading all results."""
    committed = committed_chunks(store, manifest.batch_id)
    return Progress(sum(manifest.chunk_rows[n] for n in committed), 0)


def describe(
    manifest: Manifest,
    started: Started | None,
    finished: Finished | None,
    progress: Progress,
    now: datetime,
) -> BatchState:
    """The state that these records and this progress add up to."""
    status = _status(manifest, started, finished, now)
    rate = estimate = None
    if status == "running" and started is not None and progress.rows_done:
        rate = progress.rows_done / max((now - started.started_at).total_seconds(), 0.001)
        estimate = now + timedelta(seconds=(manifest.rows - progress.rows_done) / rate)
    return BatchState(
        id=manifest.batch_id,
        status=status,
        model_name=manifest.model_name,
        model_version=manifest.model_version,
        rows_total=manifest.rows,
        rows_done=progress.rows_done,
        rows_failed=progress.rows_failed,
        created_at=manifest.created_at,
        started_at=started.started_at if started else None,
        finished_at=finished.finished_at if finished else None,
        expires_at=manifest.expires_at,
        error=finished.error if finished else None,
        rows_per_second=rate,
        estimated_finish_at=estimate,
    )


def _status(
    manifest: Manifest, started: Started | None, finished: Finished | None, now: datetime
) -> Status:
    if manifest.has_expired(now):
        return "expired"
    if finished is not None:
        return finished.status
    return "running" if started is not None else "queued"
