"""A Redis that dies, sleeps or is full in the middle: nothing fails but what needs it, and says so."""

import os
import signal
from pathlib import Path

from support.batch_stack import BatchStack, make_stack
from support.batches import count_wrong, ended, status, submit, submit_ndjson
from support.many_rows import distinct_messages, ndjson, right_answers
from support.steady_predictions import SteadyPredictions
from support.waiting import wait_until

ROWS = 4_000
MESSAGES = distinct_messages(50, characters=2_000)


def test_a_batch_outlives_a_redis_that_is_killed_and_predictions_do_not_notice(
    stack: BatchStack,
) -> None:
    predictor = stack.start_predictor(batch_chunk_rows="20")
    stack.start_monitor()  # which ends a batch whose last count Redis has forgotten
    worker = stack.start_worker()
    with SteadyPredictions(predictor.url, per_second=20) as predictions:
        batch_id = submit_ndjson(predictor, ndjson(MESSAGES, ROWS))["id"]
        wait_until(lambda: status(predictor, batch_id)["rows_done"], what="it has begun")
        before = status(predictor, batch_id)["status"]
        stack.redis.kill()
        wait_until(lambda: "heartbeat waits" in worker.process.output, what="the worker noticed")
        refused = predictor.post("/v1/batches", {"model": "spam", "instances": [{"message": "a"}]})
        assert (refused.status_code, refused.json()["error"]) == (503, "Unavailable")
        assert int(refused.headers["Retry-After"]) >= 1
        stack.redis.start()
        assert ended(predictor, batch_id, seconds=120)["status"] == "succeeded"
    assert before == "running"
    assert predictions.failures == []
    assert count_wrong(predictor, batch_id, right_answers(MESSAGES)) == (ROWS, 0)
    assert worker.process.running


def test_a_redis_that_does_not_answer_delays_batches_alone(stack: BatchStack) -> None:
    predictor = stack.start_predictor()
    submit(predictor, [{"message": "hello"}])
    os.kill(stack.redis.pid, signal.SIGSTOP)
    try:
        with SteadyPredictions(predictor.url, per_second=20) as predictions:
            body = {"model": "spam", "instances": [{"message": "a"}]}
            refused = predictor.post("/v1/batches", body)
        assert (refused.status_code, refused.json()["error"]) == (503, "Unavailable")
        assert predictions.failures == []
    finally:
        os.kill(stack.redis.pid, signal.SIGCONT)


def test_a_worker_goes_when_it_is_told_to_though_redis_is_away(stack: BatchStack) -> None:
    predictor = stack.start_predictor(batch_chunk_rows=str(ROWS))
    worker = stack.start_worker()
    batch_id = submit_ndjson(predictor, ndjson(MESSAGES, ROWS))["id"]
    wait_until(lambda: stack.chunks_in_hand(worker), seconds=60, every=0.01)
    stack.redis.kill()
    worker.process.send(signal.SIGTERM)
    assert worker.process.wait(5 * 25) == 0
    stack.redis.start()
    stack.start_monitor()
    stack.start_worker()
    assert ended(predictor, batch_id, seconds=120)["status"] == "succeeded"


def test_batches_are_refused_before_redis_is_full_and_its_queue_drains(tmp_path: Path) -> None:
    stack = make_stack(tmp_path, "--maxmemory", "3mb", "--maxmemory-policy", "noeviction")
    try:
        predictor = stack.start_predictor(batch_chunk_rows="1")
        rows = [{"message": f"row {n}"} for n in range(100)]
        large = predictor.post("/v1/batches", {"model": "spam", "instances": rows * 20})
        assert (large.status_code, large.json()["error"]) == (413, "TooLarge")
        accepted: list[str] = []
        body = {"model": "spam", "instances": rows}
        while (answer := predictor.post("/v1/batches", body)).status_code == 202:
            accepted.append(answer.json()["id"])
            assert len(accepted) < 100
        assert (answer.status_code, answer.json()["error"]) == (429, "QueueFull")
        assert int(answer.headers["Retry-After"]) >= 1
        assert accepted
        worker = stack.start_worker()
        for batch_id in accepted:
            assert ended(predictor, batch_id, seconds=120)["status"] == "succeeded"
        wait_until(lambda: 'state="queued"} 0.0' in worker.metrics(), what="the queue is empty")
        assert predictor.post("/v1/batches", body).status_code == 202
        assert "OutOfMemory" not in worker.process.output
    finally:
        stack.stop()
