"""Whoever can write to Redis still cannot make a worker call what it likes."""

from pathlib import Path

import pytest
from rq import Callback, Queue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from support.batch_stack import BatchStack
from support.batches import ended, submit
from support.predictor_process import RunningPredictor
from support.waiting import wait_until
from support.worker_process import RunningWorker


@pytest.fixture
def queue(shared_stack: BatchStack) -> Queue:
    return Queue("batches", connection=shared_stack.redis.client(), serializer=JSONSerializer)


def failed(job: Job) -> bool:
    return bool(job.get_status() == JobStatus.FAILED)


@pytest.mark.parametrize("name", ["os.system", "worker.jobs.batch_jobs", "builtins.eval", ""])
def test_a_function_that_is_not_in_the_table_is_not_called(
    worker: RunningWorker, queue: Queue, tmp_path: Path, name: str
) -> None:
    made = tmp_path / "made"
    job = queue.enqueue(name or "nothing", f"touch {made}")
    wait_until(lambda: failed(job), what="the job has failed")
    assert not made.exists()


def test_callbacks_are_not_called(worker: RunningWorker, queue: Queue, tmp_path: Path) -> None:
    made = tmp_path / "made"
    job = queue.enqueue("os.system", f"touch {made}", on_failure=Callback("os.system"))
    wait_until(lambda: failed(job), what="the job has failed")
    assert not made.exists()


def test_a_payload_that_is_no_chunk_fails_and_the_worker_goes_on(
    predictor: RunningPredictor, worker: RunningWorker, queue: Queue
) -> None:
    for payload in ({}, {"schema": 99, "batch_id": "0" * 32, "chunk": 0, "delivery": 1}, "text"):
        queue.enqueue("worker.jobs.run_chunk", payload)
    batch_id = submit(predictor, [{"message": "hello"}])
    assert ended(predictor, batch_id)["status"] == "succeeded"
    assert worker.process.running
