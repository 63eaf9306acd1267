"""How a batch ends: the first finished.json is right, whoever wrote it."""

from contextlib import suppress
from datetime import datetime

from slipway.batches import index, layout
from slipway.batches.finding import committed_chunks
from slipway.batches.records import SCHEMA, Ending, Finished, Manifest, Started, to_json
from slipway.batches.rows import count_lines
from slipway.core.errors import Conflict
from slipway.core.store import Store


def mark_started(store: Store, batch_id: str, now: datetime) -> None:
    """The earliest call wins."""
    with suppress(Conflict):
        store.create(layout.started_key(batch_id), to_json(Started(SCHEMA, now)))


def finish_if_complete(store: Store, manifest: Manifest, now: datetime) -> bool:
    """Ends the batch once every chunk has its result; whether it is complete."""
    if len(committed_chunks(store, manifest.batch_id)) < len(manifest.chunk_rows):
        return False
    done = failed = 0
    broken = None
    for chunk, expected in enumerate(manifest.chunk_rows):
        rows, rows_failed = count_lines(store.stream(layout.result_key(manifest.batch_id, chunk)))
        if rows != expected:
            broken = f"Chunk {chunk} has {rows} results for {expected} rows."
        done, failed = done + rows, failed + rows_failed
    status: Ending = "failed" if broken else "succeeded"
    end(store, manifest.batch_id, Finished(SCHEMA, status, now, done, failed, broken))
    return True


def end_early(
    store: Store,
    manifest: Manifest,
    status: Ending,
    now: datetime,
    *,
    error: str | None = None,
    rows_failed: int = 0,
) -> bool:
    """Fails or cancels the batch, with what was done until now; False where it had ended before."""
    done = sum(manifest.chunk_rows[n] for n in committed_chunks(store, manifest.batch_id))
    return end(store, manifest.batch_id, Finished(SCHEMA, status, now, done, rows_failed, error))


def end(store: Store, batch_id: str, finished: Finished) -> bool:
    """False where it had ended before."""
    try:
        store.create(layout.finished_key(batch_id), to_json(finished))
    except Conflict:
        return False
    return True


def close(store: Store, batch_id: str) -> None:
    """After the end: the input is not needed any more, and nobody has to look after the batch."""
    for entry in list(store.list(layout.input_prefix(batch_id))):
        store.delete(entry.key)
    store.delete(index.open_key(batch_id))
