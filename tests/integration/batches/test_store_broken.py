"""A store that breaks in the middle of a batch: chunks wait, and no half result has a name."""

from pathlib import Path

import pytest

from support.batches import count_wrong, ended, status, submit_ndjson
from support.broken_stores import breakable_store
from support.many_rows import distinct_messages, ndjson, right_answers
from support.waiting import wait_until

CHUNK_ROWS = 20
ROWS = 2_000


@pytest.mark.parametrize("way", ["full", "read-only", "away"])
def test_a_batch_waits_for_a_broken_store_and_is_complete_once_it_is_mended(
    tmp_path: Path, way: str
) -> None:
    messages = distinct_messages(50, characters=600)
    with breakable_store(tmp_path, way, 8_000_000) as store:
        predictor = store.stack.start_predictor(batch_chunk_rows=str(CHUNK_ROWS))
        batch_id = submit_ndjson(predictor, ndjson(messages, ROWS))["id"]
        worker = store.stack.start_worker()
        wait_until(lambda: status(predictor, batch_id)["rows_done"], what="it has begun")
        store.breaks()
        wait_until(lambda: "chunk waits" in worker.process.output, what="the worker has noticed")
        refused = predictor.post("/v1/batches", {"model": "spam", "instances": [{"message": "a"}]})
        assert (refused.status_code, refused.json()["error"]) == (503, "Unavailable")
        assert int(refused.headers["Retry-After"]) >= 1
        assert predictor.post("/v1/predict", {"message": "hello"}).status_code == 200
        assert predictor.get("/ready").status_code == 200
        assert store.half_results(batch_id, CHUNK_ROWS) == []
        store.mends()
        done = ended(predictor, batch_id, seconds=120)
        assert (done["status"], done["rows_failed"], done["error"]) == ("succeeded", 0, None)
        assert count_wrong(predictor, batch_id, right_answers(messages)) == (ROWS, 0)
        assert worker.process.running
