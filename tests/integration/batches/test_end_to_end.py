"""From a client's rows to a client's results, through real processes."""

import pytest

from support.batch_stack import BatchStack
from support.batches import ended, results, status, submit
from support.predictor_process import RunningPredictor
from support.waiting import wait_until
from support.worker_process import RunningWorker

ROWS = [{"message": f"message number {n}, call 0906{n:07d} to win"} for n in range(25)]


def test_a_batch_waits_until_there_is_a_worker(
    predictor: RunningPredictor, shared_stack: BatchStack
) -> None:
    batch_id = submit(predictor, ROWS)
    assert status(predictor, batch_id)["status"] == "queued"
    answer = predictor.get(f"/v1/batches/{batch_id}/results")
    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")
    worker = shared_stack.start_worker()
    assert ended(predictor, batch_id)["status"] == "succeeded"
    worker.stop()


def test_a_batch_is_answered_in_input_order_as_single_predictions_are(
    predictor: RunningPredictor, worker: RunningWorker
) -> None:
    batch_id = submit(predictor, ROWS)
    done = ended(predictor, batch_id)
    counts = (done["rows_total"], done["rows_done"], done["rows_failed"])
    assert (done["status"], *counts) == ("succeeded", 25, 25, 0)
    found = results(predictor, batch_id)
    assert [row["index"] for row in found] == list(range(25))
    alone = predictor.post("/v1/predict", ROWS[7]).json()
    assert found[7]["prediction"] == alone["prediction"]
    assert found[7]["confidence"] == pytest.approx(alone["confidence"], abs=1e-6)


def test_a_bad_row_has_its_error_in_its_place(
    predictor: RunningPredictor, worker: RunningWorker
) -> None:
    batch_id = submit(predictor, [ROWS[0], {"message": 7}, ROWS[1], {}])
    done = ended(predictor, batch_id)
    assert (done["status"], done["rows_done"], done["rows_failed"]) == ("succeeded", 4, 2)
    found = results(predictor, batch_id)
    assert ["prediction" in row for row in found] == [True, False, True, False]
    assert found[1] == {
        "index": 1,
        "error": {
            "error": "InvalidInput",
            "message": "Field 'message' must be a string, not a number.",
            "details": [{"field": "message", "problem": "must be a string, not a number"}],
        },
    }


def test_nothing_is_left_of_an_ended_batch_but_its_results(
    predictor: RunningPredictor, worker: RunningWorker, shared_stack: BatchStack
) -> None:
    batch_id = submit(predictor, ROWS)
    ended(predictor, batch_id)
    folder = shared_stack.store / "batches" / batch_id
    wait_until(lambda: not list(folder.glob("input/*/*")), what="the input is removed")
    redis = shared_stack.redis.client()
    wait_until(lambda: not list(redis.scan_iter(f"*{batch_id}*")), what="Redis has forgotten it")
    assert redis.hgetall("slipway:v1:batch-pending-rows") == {}


def test_the_worker_tells_what_it_did(predictor: RunningPredictor, worker: RunningWorker) -> None:
    ended(predictor, submit(predictor, ROWS))
    told = worker.metrics()
    assert 'slipway_worker_jobs_total{outcome="committed"}' in told
    assert 'slipway_worker_rows_total{model="spam",version="' in told
    assert 'slipway_queue_jobs{queue="batches",state="queued"} 0.0' in told
    assert 'slipway_queue_oldest_job_age_seconds{queue="batches"} 0.0' in told
    assert "slipway_queue_wait_seconds_count" in told


def test_an_unknown_batch_is_not_found(predictor: RunningPredictor) -> None:
    for batch_id in ("0" * 32, "nothing", "..%2Fmanifest"):
        answer = predictor.get(f"/v1/batches/{batch_id}")
        assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")
