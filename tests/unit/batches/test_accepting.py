"""From rows to a batch that exists, or to nothing at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.batches.accepting import accept
from slipway.batches.finding import find_manifest
from slipway.batches.layout import new_batch_id
from slipway.core.errors import Conflict, InvalidInput, NotFound, QueueFull, TooLarge
from support.stored_batches import LIMITS, accepted, folder_store, keys, rows, submission


def test_rows_are_cut_into_chunks(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    manifest = accepted(store, rows(25)).manifest
    assert manifest.chunk_rows == (10, 10, 5)
    assert [manifest.first_row(chunk) for chunk in manifest.chunks] == [0, 10, 20]
    assert find_manifest(store, manifest.batch_id) == manifest
    assert not keys(store, "batch-index/uploads")


def test_the_same_request_twice_is_one_batch(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    batch_id = new_batch_id("alice", "monday")
    first = accepted(store, rows(25), submission(batch_id))
    again = accepted(store, rows(25), submission(batch_id))
    assert (first.new, again.new) == (True, False)
    assert again.manifest == first.manifest
    assert len(keys(store, f"batches/{batch_id}/input")) == 3


def test_another_request_under_the_same_key_conflicts_and_leaves_nothing(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    batch_id = new_batch_id("alice", "monday")
    accepted(store, rows(25), submission(batch_id))
    before = keys(store)
    with pytest.raises(Conflict):
        accepted(store, rows(20), submission(batch_id), digest="another")
    assert keys(store) == before


def test_the_same_idempotency_key_of_two_callers_names_two_batches() -> None:
    names = {new_batch_id(key_id, "monday") for key_id in ("alice", "bob", None)}
    assert len(names) == 3


@pytest.mark.parametrize(("count", "wrong"), [(0, InvalidInput), (1001, TooLarge)])
def test_a_refused_batch_leaves_nothing(tmp_path: Path, count: int, wrong: type[Exception]) -> None:
    store = folder_store(tmp_path / "store")
    with pytest.raises(wrong):
        accepted(store, rows(count))
    assert not keys(store, "batches")
    assert not keys(store, "batch-index/uploads")


def test_a_batch_without_room_in_the_queue_leaves_nothing(tmp_path: Path) -> None:
    def full(_: object) -> None:
        raise QueueFull("full")

    store, asked = folder_store(tmp_path / "store"), submission()
    with pytest.raises(QueueFull):
        accept(store, asked, rows(25), LIMITS, lambda: "digest", full)
    with pytest.raises(NotFound):
        find_manifest(store, asked.batch_id)
    assert not keys(store, "batches")


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield from rows(25)
        raise ConnectionResetError

    store = folder_store(tmp_path / "store")
    with pytest.raises(ConnectionResetError):
        accepted(store, broken())
    assert not keys(store, "batches")
