"""Empty objects whose keys make batches findable, each list in the order in which it is read.

batch-index/open/<id>                           put before the manifest, removed after the end
batch-index/uploads/<time>-<id>-<upload>        put before the first chunk, removed after the manifest
batch-index/owners/<owner>/<time left>-<id>     newest first
batch-index/expiring/<expires at>-<id>          earliest first
batch-index/expired/<forgotten at>-<id>         what is left of them, earliest first
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import takewhile
from typing import NamedTuple

from slipway.batches.records import Manifest
from slipway.core.errors import Conflict
from slipway.core.store import Entry, Store

OPEN = "batch-index/open"
UPLOADS = "batch-index/uploads"
EXPIRING = "batch-index/expiring"
EXPIRED = "batch-index/expired"
_FAR_MILLISECONDS = 10**13  # of the year 2286: what is left until then falls as time goes on


class Due(NamedTuple):
    """An entry whose time has come. what: the batch's id, or the id and the upload."""

    key: str
    what: str


def open_key(batch_id: str) -> str:
    return f"{OPEN}/{batch_id}"


def upload_key(batch_id: str, upload: str, began_at: datetime) -> str:
    return f"{UPLOADS}/{_seconds(began_at)}-{batch_id}-{upload}"


def owner_prefix(key_id: str | None) -> str:
    """A key's id may be of any characters; its hash is not."""
    owner = "all" if key_id is None else hashlib.sha256(key_id.encode()).hexdigest()[:32]
    return f"batch-index/owners/{owner}"


def owner_key(manifest: Manifest) -> str:
    left = _FAR_MILLISECONDS - round(manifest.created_at.timestamp() * 1000)
    return f"{owner_prefix(manifest.key_id)}/{left:013d}-{manifest.batch_id}"


def expiring_key(manifest: Manifest) -> str:
    return f"{EXPIRING}/{_seconds(manifest.expires_at)}-{manifest.batch_id}"


def expired_key(batch_id: str, forgotten_at: datetime) -> str:
    return f"{EXPIRED}/{_seconds(forgotten_at)}-{batch_id}"


def put(store: Store, key: str) -> None:
    """Whoever came first has put the same."""
    with suppress(Conflict):
        store.create(key, b"")


def open_batches(store: Store) -> Iterator[Entry]:
    return store.list(OPEN)


def id_of(key: str) -> str:
    """The batch's id at the end of a key."""
    return key.rpartition("/")[2].rpartition("-")[2]


def due(store: Store, prefix: str, now: datetime) -> list[Due]:
    """The entries of a list whose time is not after `now`."""
    until = f"{prefix}/{_seconds(now)}~"
    keys = takewhile(lambda key: key < until, (entry.key for entry in store.list(prefix)))
    return [Due(key, key.rpartition("/")[2].partition("-")[2]) for key in keys]


def _seconds(time: datetime) -> str:
    return f"{int(time.astimezone(UTC).timestamp()):010d}"
