"""What happens to batches as time goes on: their rows go first, the rest of them later."""

from contextlib import suppress
from datetime import datetime, timedelta

from slipway.batches import index, layout
from slipway.batches.cutting import discard_upload
from slipway.batches.finding import find_manifest
from slipway.batches.finishing import close
from slipway.core.errors import NotFound
from slipway.core.store import Store

# An upload that takes longer than this is taken for one whose process died.
LONGEST_UPLOAD = timedelta(hours=6)


def expire_due(store: Store, now: datetime, remembered: timedelta) -> int:
    """Removes the input and the results of expired batches; how many batches that were.

    Their status is still told for as long as `remembered`.
    """
    due = index.due(store, index.EXPIRING, now)
    for entry in due:
        close(store, entry.what)
        for result in list(store.list(layout.results_prefix(entry.what))):
            store.delete(result.key)
        index.put(store, index.expired_key(entry.what, now + remembered))
        store.delete(entry.key)
    return len(due)


def forget_due(store: Store, now: datetime) -> None:
    """Removes all that is left of batches that expired long ago."""
    for entry in index.due(store, index.EXPIRED, now):
        with suppress(NotFound):  # done before, up to the entry itself
            store.delete(index.owner_key(find_manifest(store, entry.what)))
        for left in list(store.list(layout.batch_prefix(entry.what))):
            store.delete(left.key)
        store.delete(entry.key)


def discard_abandoned_uploads(store: Store, now: datetime) -> int:
    """Removes the chunks of uploads whose process died before there was a manifest; how many."""
    discarded = 0
    for entry in index.due(store, index.UPLOADS, now - LONGEST_UPLOAD):
        batch_id, _, upload = entry.what.partition("-")
        if not _is_kept(store, batch_id, upload):
            discard_upload(store, batch_id, upload)
            discarded += 1
        store.delete(entry.key)
    return discarded


def _is_kept(store: Store, batch_id: str, upload: str) -> bool:
    try:
        return find_manifest(store, batch_id).upload == upload
    except NotFound:
        return False
