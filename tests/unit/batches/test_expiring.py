"""Rows go first, the rest of a batch later, and uploads that nobody ended go too."""

from datetime import timedelta
from pathlib import Path

from slipway.batches.cutting import ChunkCutter
from slipway.batches.expiring import (
    LONGEST_UPLOAD,
    discard_abandoned_uploads,
    expire_due,
    forget_due,
)
from slipway.batches.finishing import finish_if_complete
from slipway.batches.listing import owned_batches
from slipway.batches.state import state_of
from support.stored_batches import LIMITS, NOW, a_batch, commit, folder_store, keys, rows

DAYS_LATER = NOW + timedelta(days=7)
MONTHS_LATER = NOW + timedelta(days=60)
MONTH = timedelta(days=30)


def test_only_the_rows_of_expired_batches_are_removed(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    manifest = a_batch(store)
    commit(store, manifest, 0, 1, 2)
    finish_if_complete(store, manifest, NOW)
    assert expire_due(store, NOW + timedelta(days=6), MONTH) == 0
    assert expire_due(store, DAYS_LATER, MONTH) == 1
    names = [key.rpartition("/")[2] for key in keys(store, f"batches/{manifest.batch_id}")]
    assert names == ["finished.json", "manifest.json"]
    state = state_of(store, manifest, DAYS_LATER)
    assert (state.status, state.rows_done) == ("expired", 25)
    assert expire_due(store, DAYS_LATER, MONTH) == 0


def test_nothing_is_left_of_a_batch_that_expired_long_ago(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    a_batch(store)
    expire_due(store, DAYS_LATER, MONTH)
    forget_due(store, DAYS_LATER)
    assert keys(store)
    forget_due(store, MONTHS_LATER)
    assert not keys(store)


def test_chunks_of_an_upload_whose_process_died_are_removed(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    kept = a_batch(store)
    dead = ChunkCutter(store, "f" * 32, LIMITS, NOW)
    for line in rows(15):
        dead.add(line)
    assert discard_abandoned_uploads(store, NOW + timedelta(hours=1)) == 0
    assert discard_abandoned_uploads(store, NOW + LONGEST_UPLOAD) == 1
    assert not keys(store, f"batches/{'f' * 32}")
    assert len(keys(store, f"batches/{kept.batch_id}/input")) == 3


def test_a_caller_sees_the_callers_own_batches_newest_first(tmp_path: Path) -> None:
    from support.stored_batches import accepted, submission

    store = folder_store(tmp_path / "store")
    ages = (3, 1, 2)
    mine = {
        age: accepted(
            store, rows(1), submission(key_id="alice", at=NOW - timedelta(hours=age))
        ).manifest
        for age in ages
    }
    accepted(store, rows(1), submission(key_id="bob"))
    assert owned_batches(store, "alice", limit=2) == [mine[1], mine[2]]
    assert owned_batches(store, "alice", limit=2, after=mine[2]) == [mine[3]]
    assert owned_batches(store, None, limit=2) == []
