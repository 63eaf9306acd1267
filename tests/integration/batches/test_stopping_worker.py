"""A worker that is told to stop in the middle of a chunk goes, and nothing is lost."""

import signal

import pytest

from support.batch_stack import BatchStack
from support.batches import count_wrong, ended, submit, submit_ndjson
from support.many_rows import distinct_messages, ndjson, right_answers
from support.waiting import wait_until
from support.worker_process import RunningWorker

MESSAGES = distinct_messages(20, characters=2_000)


def outcomes(worker: RunningWorker) -> list[str]:
    return [line["outcome"] for line in worker.log_lines() if line["event"] == "chunk ended"]


@pytest.mark.parametrize(
    ("rows", "grace_seconds", "outcome"),
    [(500, 25, "committed"), (24_000, 1, "abandoned")],
    ids=["a chunk that fits into the grace period", "a longer one"],
)
def test_a_worker_stopped_in_the_middle_of_a_chunk_ends_it_or_hands_it_back(
    stack: BatchStack, rows: int, grace_seconds: int, outcome: str
) -> None:
    predictor = stack.start_predictor(batch_chunk_rows=str(rows), batch_chunk_bytes="99000000")
    first = stack.start_worker(graceful_timeout_seconds=str(grace_seconds))
    ended(predictor, submit(predictor, [{"message": "the model is loaded now"}]))
    batch_id = submit_ndjson(predictor, ndjson(MESSAGES, rows))["id"]
    wait_until(lambda: stack.chunks_in_hand(first), seconds=60, every=0.01)
    first.process.send(signal.SIGTERM)
    assert first.process.wait(5 * (grace_seconds + 2)) == 0
    assert outcomes(first) == ["committed", outcome]
    second = stack.start_worker()
    assert ended(predictor, batch_id, seconds=120)["status"] == "succeeded"
    assert count_wrong(predictor, batch_id, right_answers(MESSAGES)) == (rows, 0)
    assert (outcomes(first) + outcomes(second)).count("committed") == 2
