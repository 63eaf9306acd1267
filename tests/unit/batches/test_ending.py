"""A batch ends once, and is told of as it ended."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.batches.finding import find_finished
from slipway.batches.finishing import close, end_early, finish_if_complete, mark_started
from slipway.batches.results import stream_results
from slipway.batches.state import state_of
from slipway.core.errors import Conflict, NotFound
from support.stored_batches import NOW, a_batch, commit, folder_store, keys

LATER = NOW + timedelta(seconds=10)


def test_a_batch_is_finished_when_its_last_chunk_is_committed(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    manifest = a_batch(store)
    commit(store, manifest, 0, 2)
    assert not finish_if_complete(store, manifest, NOW)
    commit(store, manifest, 1)
    assert finish_if_complete(store, manifest, NOW)
    state = state_of(store, manifest, LATER)
    assert (state.status, state.rows_done, state.rows_failed) == ("succeeded", 25, 0)


def test_results_come_in_input_order(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    manifest = a_batch(store)
    commit(store, manifest, 2, 0, 1)
    finish_if_complete(store, manifest, NOW)
    lines = b"".join(stream_results(store, manifest, NOW)).splitlines()
    assert [json.loads(line)["index"] for line in lines] == list(range(25))


def test_a_running_batch_tells_its_rate_and_when_it_will_be_done(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    manifest = a_batch(store)
    assert state_of(store, manifest, NOW).status == "queued"
    mark_started(store, manifest.batch_id, NOW)
    commit(store, manifest, 0)
    state = state_of(store, manifest, LATER)
    assert (state.status, state.rows_done, state.rows_per_second) == ("running", 10, 1.0)
    assert state.estimated_finish_at == LATER + timedelta(seconds=15)


def test_of_a_cancel_and_a_last_chunk_that_race_the_first_one_is_right(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    manifest = a_batch(store)
    commit(store, manifest, 0, 1, 2)
    assert end_early(store, manifest, "cancelled", NOW)
    finish_if_complete(store, manifest, LATER)
    finished = find_finished(store, manifest.batch_id)
    assert finished is not None
    assert (finished.status, finished.finished_at) == ("cancelled", NOW)


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_batch_that_was_not_completed_has_no_results(tmp_path: Path, status: str) -> None:
    store = folder_store(tmp_path / "store")
    manifest = a_batch(store)
    commit(store, manifest, 0)
    end_early(store, manifest, status, NOW, error="because")  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        stream_results(store, manifest, NOW)


def test_results_are_gone_once_the_batch_has_expired(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    manifest = a_batch(store)
    commit(store, manifest, 0, 1, 2)
    finish_if_complete(store, manifest, NOW)
    with pytest.raises(NotFound):
        stream_results(store, manifest, manifest.expires_at)
    assert state_of(store, manifest, manifest.expires_at).status == "expired"


def test_the_input_of_a_closed_batch_is_removed(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    manifest = a_batch(store)
    close(store, manifest.batch_id)
    assert not keys(store, f"batches/{manifest.batch_id}/input")
    assert not keys(store, "batch-index/open")
