"""A caller's batches, newest first."""

from collections.abc import Iterator
from itertools import islice

from slipway.batches import index
from slipway.batches.finding import find_manifest
from slipway.batches.records import Manifest
from slipway.core.errors import NotFound
from slipway.core.store import Store


def owned_batches(
    store: Store, key_id: str | None, limit: int, after: Manifest | None = None
) -> list[Manifest]:
    """At most `limit`, older than `after`."""
    behind = index.owner_key(after) if after is not None else None
    keys = (entry.key for entry in store.list(index.owner_prefix(key_id), after=behind))
    return list(islice(_manifests(store, keys), limit))


def _manifests(store: Store, keys: Iterator[str]) -> Iterator[Manifest]:
    for key in keys:
        try:
            yield find_manifest(store, index.id_of(key))
        except NotFound:
            continue  # being forgotten at this moment
