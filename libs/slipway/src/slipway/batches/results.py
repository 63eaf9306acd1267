"""A finished batch's results, streamed in input order."""

from collections.abc import Iterator

from slipway.batches.finding import finished_of
from slipway.batches.layout import result_key
from slipway.batches.records import Manifest
from slipway.core.errors import Conflict
from slipway.core.store import Store


def stream_results(store: Store, manifest: Manifest) -> Iterator[bytes]:
    """NDJSON in pieces. Raises Conflict at once where there is none to be had."""
    finished = finished_of(store, manifest.batch_id)
    if finished is None:
        raise Conflict("The batch is not finished.", retry_after_seconds=2)
    if finished.status != "succeeded":
        raise Conflict(f"The batch was not completed: it {_has(finished.status)}.")
    return _pieces(store, manifest)


def _has(status: str) -> str:
    return "was cancelled" if status == "cancelled" else "failed"


def _pieces(store: Store, manifest: Manifest) -> Iterator[bytes]:
    for chunk in range(len(manifest.chunk_rows)):
        yield from store.stream(result_key(manifest.batch_id, chunk))
