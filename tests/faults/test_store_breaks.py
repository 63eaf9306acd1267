"""A store that breaks again and again in the middle of one batch."""

from pathlib import Path

import pytest

from support.batches import count_wrong, ended, status, submit_ndjson
from support.broken_stores import breakable_store
from support.many_rows import distinct_messages, ndjson, right_answers
from support.predictor_process import RunningPredictor
from support.waiting import wait_until
from support.worker_process import RunningWorker

CHUNK_ROWS = 20
ROWS = 6_000
BREAKS = 5


def rows_done(predictor: RunningPredictor, batch_id: str) -> int:
    found: int = status(predictor, batch_id)["rows_done"]
    return found


def waited(workers: list[RunningWorker]) -> int:
    """How often a chunk had to wait for the store."""
    return sum(worker.process.output.count("chunk waits") for worker in workers)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("way", ["full", "read-only", "away"])
def test_a_batch_over_a_store_that_breaks_five_times_has_every_row_and_no_half_chunk(
    tmp_path: Path, way: str
) -> None:
    messages = distinct_messages(50, characters=1_000)
    with breakable_store(tmp_path, way, 40_000_000) as store:
        predictor = store.stack.start_predictor(batch_chunk_rows=str(CHUNK_ROWS))
        store.stack.start_monitor()
        workers = [store.stack.start_worker(), store.stack.start_worker()]
        batch_id = submit_ndjson(predictor, ndjson(messages, ROWS))["id"]
        for _ in range(BREAKS):
            had, waits = rows_done(predictor, batch_id), waited(workers)
            wait_until(lambda n=had: rows_done(predictor, batch_id) > n, seconds=120, every=0.02)
            store.breaks()
            wait_until(lambda n=waits: waited(workers) > n, seconds=120, what="it was noticed")
            assert store.half_results(batch_id, CHUNK_ROWS) == []
            store.mends()
        done = ended(predictor, batch_id, seconds=600)
        assert (done["status"], done["rows_failed"], done["error"]) == ("succeeded", 0, None)
        assert store.half_results(batch_id, CHUNK_ROWS) == []
        assert count_wrong(predictor, batch_id, right_answers(messages)) == (ROWS, 0)
        assert all(worker.process.running for worker in workers)
