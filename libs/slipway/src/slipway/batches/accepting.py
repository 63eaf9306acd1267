"""From rows to a batch that exists."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slipway.batches import index, layout
from slipway.batches.cutting import ChunkCutter, ChunkLimits
from slipway.batches.finding import find_manifest
from slipway.batches.records import SCHEMA, Manifest, to_json
from slipway.core.errors import Conflict
from slipway.core.store import Store


@dataclass(frozen=True)
class Submission:
    """Who asks for what. kept: how long input and results are."""

    batch_id: str
    model_name: str
    model_version: str
    model_digest: str
    key_id: str | None
    created_at: datetime
    kept: timedelta


@dataclass(frozen=True)
class Accepted:
    """new: False where the same request had been accepted before."""

    manifest: Manifest
    new: bool


def accept(
    store: Store,
    submission: Submission,
    lines: Iterable[bytes],
    limits: ChunkLimits,
    digest: Callable[[], str],
    reserve: Callable[[Sequence[int]], None],
) -> Accepted:
    """Stores the lines chunk by chunk and creates the manifest.

    lines: as slipway.batches.rows writes them. digest: of the whole request, known after the
    last line. reserve: called with the rows of each chunk before the batch exists; what it
    raises refuses the batch. Nothing is left of an upload that was refused. Raises Conflict where the
    id belongs to another request.
    """
    cutter = ChunkCutter(store, submission.batch_id, limits, submission.created_at)
    chunk_rows = _cut(cutter, lines, reserve)
    # From here on the manifest may be there even if the store says no more: what is left of an
    # upload that nobody knows the end of is removed by discard_abandoned_uploads.
    try:
        accepted = _create(store, submission, cutter.upload, chunk_rows, digest())
    except Conflict:
        cutter.discard()
        raise
    if accepted.new:
        cutter.keep()
    else:
        cutter.discard()
    return accepted


def _cut(
    cutter: ChunkCutter, lines: Iterable[bytes], reserve: Callable[[Sequence[int]], None]
) -> tuple[int, ...]:
    whole = False
    try:
        for line in lines:
            cutter.add(line)
        chunk_rows = cutter.finish()
        index.put(cutter.store, index.open_key(cutter.batch_id))
        reserve(chunk_rows)
        whole = True
    finally:
        if not whole:
            cutter.discard()
    return chunk_rows


def _create(
    store: Store, asked: Submission, upload: str, chunk_rows: tuple[int, ...], digest: str
) -> Accepted:
    manifest = Manifest(
        schema=SCHEMA,
        batch_id=asked.batch_id,
        model_name=asked.model_name,
        model_version=asked.model_version,
        model_digest=asked.model_digest,
        created_at=asked.created_at,
        expires_at=asked.created_at + asked.kept,
        digest=digest,
        upload=upload,
        chunk_rows=chunk_rows,
        key_id=asked.key_id,
    )
    try:
        store.create(layout.manifest_key(asked.batch_id), to_json(manifest))
    except Conflict:
        return repeated(store, asked.batch_id, digest)
    make_findable(store, manifest)
    return Accepted(manifest, new=True)


def repeated(store: Store, batch_id: str, digest: str) -> Accepted:
    """The batch of an earlier request with the same id. Raises Conflict where that was another one."""
    manifest = find_manifest(store, batch_id)
    if manifest.digest != digest:
        raise Conflict("This Idempotency-Key was used for another request.")
    return Accepted(manifest, new=False)


def make_findable(store: Store, manifest: Manifest) -> None:
    """May be repeated: whoever finds a manifest whose writer died does."""
    index.put(store, index.open_key(manifest.batch_id))
    index.put(store, index.owner_key(manifest))
    index.put(store, index.expiring_key(manifest))
