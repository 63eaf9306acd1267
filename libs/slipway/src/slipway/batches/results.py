"""A finished batch's results, streamed in input order."""

from collections.abc import Iterator
from datetime import datetime

from slipway.batches.finding import find_finished
from slipway.batches.layout import result_key
from slipway.batches.records import Manifest
from slipway.core.errors import Conflict, NotFound
from slipway.core.store import Store


def stream_results(store: Store, manifest: Manifest, now: datetime) -> Iterator[bytes]:
    """NDJSON in pieces. Raises Conflict or NotFound at once where there is none to be had."""
    if manifest.has_expired(now):
        raise NotFound("The batch's results have expired.")
    finished = find_finished(store, manifest.batch_id)
    if finished is None:
        raise Conflict("The batch is not finished.", retry_after_seconds=2)
    if finished.status == "cancelled":
        raise Conflict("The batch was cancelled and has no results.")
    if finished.status == "failed":
        raise Conflict(f"The batch failed and has no results: {finished.error}")
    return _pieces(store, manifest)


def _pieces(store: Store, manifest: Manifest) -> Iterator[bytes]:
    for chunk in manifest.chunks:
        yield from store.stream(result_key(manifest.batch_id, chunk))
