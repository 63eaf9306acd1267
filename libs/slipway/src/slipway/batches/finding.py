"""A batch's records, read from the store."""

from slipway.batches import layout
from slipway.batches.records import Finished, Manifest, Record, Started, from_json
from slipway.core.errors import NotFound
from slipway.core.store import Store


def find_manifest(store: Store, batch_id: str) -> Manifest:
    """Raises NotFound for a batch that was never accepted."""
    unknown = NotFound("There is no such batch.")
    if not layout.ID.fullmatch(batch_id):
        raise unknown
    found = _read(store, layout.manifest_key(batch_id), Manifest)
    if found is None:
        raise unknown
    return found


def find_started(store: Store, batch_id: str) -> Started | None:
    return _read(store, layout.started_key(batch_id), Started)


def find_finished(store: Store, batch_id: str) -> Finished | None:
    return _read(store, layout.finished_key(batch_id), Finished)


def committed_chunks(store: Store, batch_id: str) -> set[int]:
    """The numbers of the chunks whose results are there."""
    return {layout.chunk_of(entry.key) for entry in store.list(layout.results_prefix(batch_id))}


def _read(store: Store, key: str, kind: type[Record]) -> Record | None:
    try:
        return from_json(store.read(key), kind)
    except NotFound:
        return None
