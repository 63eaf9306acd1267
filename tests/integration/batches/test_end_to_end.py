"""From a client's rows to a client's results, through real processes."""

from collections.abc import Callable

import pytest

from support.batches import ended, results, status, submit
from support.predictor_process import RunningPredictor
from support.worker_process import RunningWorker

ROWS = [{"message": f"message number {n}, call 0906{n:07d} to win"} for n in range(25)]


def test_a_batch_is_answered_in_input_order_as_single_predictions_are(
    batch_predictor: RunningPredictor, start_worker: Callable[..., RunningWorker]
) -> None:
    start_worker()
    batch_id = submit(batch_predictor, ROWS)
    done = ended(batch_predictor, batch_id)
    assert (done["status"], done["rows_total"], done["rows_done"], done["rows_failed"]) == (
        "succeeded",
        25,
        25,
        0,
    )
    found = results(batch_predictor, batch_id)
    assert [row["index"] for row in found] == list(range(25))
    alone = batch_predictor.post("/v1/predict", ROWS[7]).json()
    assert found[7]["prediction"] == alone["prediction"]
    assert found[7]["confidence"] == pytest.approx(alone["confidence"], abs=1e-6)


def test_a_bad_row_has_its_error_in_its_place(
    batch_predictor: RunningPredictor, start_worker: Callable[..., RunningWorker]
) -> None:
    start_worker()
    rows = [ROWS[0], {"message": 7}, ROWS[1], {}]
    batch_id = submit(batch_predictor, rows)
    done = ended(batch_predictor, batch_id)
    assert (done["status"], done["rows_done"], done["rows_failed"]) == ("succeeded", 4, 2)
    found = results(batch_predictor, batch_id)
    assert ["prediction" in row for row in found] == [True, False, True, False]
    assert found[1] == {
        "index": 1,
        "error": {
            "error": "InvalidInput",
            "message": "Field 'message' must be a string, not a number.",
            "details": [{"field": "message", "problem": "must be a string, not a number"}],
        },
    }


def test_results_are_refused_until_the_batch_has_ended(batch_predictor: RunningPredictor) -> None:
    batch_id = submit(batch_predictor, ROWS)
    assert status(batch_predictor, batch_id)["status"] == "queued"
    answer = batch_predictor.get(f"/v1/batches/{batch_id}/results")
    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")


def test_an_unknown_batch_is_not_found(batch_predictor: RunningPredictor) -> None:
    for batch_id in ("0" * 32, "nothing", "..%2Fmanifest"):
        answer = batch_predictor.get(f"/v1/batches/{batch_id}")
        assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")


def test_batches_are_unavailable_without_a_store(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor(auth="off", workers="1")
    answer = predictor.post("/v1/batches", {"model": "spam", "instances": ROWS})
    assert (answer.status_code, answer.json()["error"]) == (503, "Unavailable")


def test_the_worker_counts_what_it_did(
    batch_predictor: RunningPredictor, start_worker: Callable[..., RunningWorker]
) -> None:
    worker = start_worker()
    ended(batch_predictor, submit(batch_predictor, ROWS))
    counted = worker.metrics()
    assert 'slipway_worker_jobs_total{outcome="committed"} 3.0' in counted
    assert 'slipway_worker_rows_total{model="spam",version="1.0.0"} 25.0' in counted
