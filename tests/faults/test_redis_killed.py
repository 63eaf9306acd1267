"""Redis killed in the middle of batches, for a second up to a minute, with predictions beside them."""

import time

import pytest

from support.batch_stack import BatchStack
from support.batches import count_wrong, ended, status, submit_ndjson
from support.many_rows import distinct_messages, ndjson, right_answers
from support.steady_predictions import SteadyPredictions
from support.waiting import wait_until

ROWS = 4_000
MESSAGES = distinct_messages(100, characters=2_000)
AWAY_SECONDS = (1, 5, 15, 60)


@pytest.mark.timeout(1800)
def test_batches_outlive_a_redis_that_is_away_and_no_prediction_beside_them_fails(
    stack: BatchStack,
) -> None:
    predictor = stack.start_predictor(batch_chunk_rows="50")
    stack.start_monitor()
    workers = [stack.start_worker(), stack.start_worker()]
    right = right_answers(MESSAGES)
    with SteadyPredictions(predictor.url, per_second=100) as predictions:
        for away in AWAY_SECONDS:
            batch_id = submit_ndjson(predictor, ndjson(MESSAGES, ROWS))["id"]
            wait_until(lambda of=batch_id: status(predictor, of)["rows_done"], seconds=120)
            before = status(predictor, batch_id)
            stack.redis.kill()
            time.sleep(away)
            stack.redis.start()
            back_at = time.monotonic()
            done = ended(predictor, batch_id, seconds=600)
            took = time.monotonic() - back_at
            print(f"away for {away} s at {before['rows_done']} rows: done {took:.1f} s after")  # noqa: T201
            assert before["status"] == "running"
            assert (done["status"], done["rows_failed"], done["error"]) == ("succeeded", 0, None)
            assert count_wrong(predictor, batch_id, right) == (ROWS, 0)
            assert all(worker.process.running for worker in workers)
            for worker in workers:
                worker.wait_until_live()
        asked, rate = len(predictions.seconds), predictions.per_second
    print(f"{asked} predictions, {rate:.0f} a second, {len(predictions.failures)} failed")  # noqa: T201
    assert predictions.failures == []
