"""The functions that jobs may name: thin, repeatable shells around what does the work."""

import logging
from typing import Any

from rq import Retry, get_current_job
from rq.timeouts import JobTimeoutException

from slipway.core.contracts.jobs import (
    RUN_CHUNK,
    TRAIN,
    ChunkJob,
    chunk_job_from_payload,
    training_job_from_payload,
)
from slipway.core.errors import Unavailable
from worker.allowed_jobs import Function
from worker.chunks import ChunkRunner
from worker.metrics import WorkerMetrics
from worker.stopping import Abandoned
from worker.training import TrainingRunner

log = logging.getLogger(__name__)

# A store or a Redis that is away comes back; until then, ever more seldom. A batch that waits
# for it too long expires.
WAITS_SECONDS = [1, 2, 5, 10, 20, 30]
_UNENDING = 1_000_000


def batch_jobs(runner: ChunkRunner, metrics: WorkerMetrics) -> dict[str, Function]:
    """The table of the queue `batches`."""

    def run_chunk(payload: dict[str, Any]) -> Retry | None:
        job = chunk_job_from_payload(payload)
        try:
            runner.run(job)
        except Unavailable as wrong:
            metrics.retries.labels("unavailable").inc()
            log.warning("chunk waits", extra={"batch": job.batch_id, "reason": str(wrong)})
            return Retry(_UNENDING, WAITS_SECONDS)
        except Abandoned:
            metrics.retries.labels("stopped").inc()
            return Retry(_UNENDING, enqueue_at_front=True)
        except JobTimeoutException:
            runner.fail(job, f"Chunk {job.chunk} took longer than it may.")
        except Exception as wrong:  # a job's top level: RQ tries again what is raised from here
            _note_raised(job, wrong, runner, metrics)
            raise
        return None

    return {RUN_CHUNK: run_chunk}


def training_jobs(runner: TrainingRunner, metrics: WorkerMetrics) -> dict[str, Function]:
    """The table of the queue `training`."""

    def train(payload: dict[str, Any]) -> Retry | None:
        job = training_job_from_payload(payload)
        try:
            runner.run(job)
        except Unavailable as wrong:
            metrics.retries.labels("unavailable").inc()
            log.warning("training waits", extra={"model": job.model, "reason": str(wrong)})
            return Retry(_UNENDING, WAITS_SECONDS)
        except Abandoned:
            metrics.retries.labels("stopped").inc()
            return Retry(_UNENDING, enqueue_at_front=True)
        except JobTimeoutException:
            runner.fail(job, "The training took longer than SLIPWAY_RETRAIN_TIMEOUT_SECONDS.")
        except Exception as wrong:  # a job's top level: RQ tries again what is raised from here
            current = get_current_job()
            if current is not None and current.should_retry:
                metrics.retries.labels("raised").inc()
            else:
                runner.fail(job, f"The training broke: {type(wrong).__name__}.")
            raise
        return None

    return {TRAIN: train}


def _note_raised(
    job: ChunkJob, wrong: Exception, runner: ChunkRunner, metrics: WorkerMetrics
) -> None:
    """What may heal is tried again; after the last time the batch has failed."""
    current = get_current_job()
    if current is not None and current.should_retry:
        metrics.retries.labels("raised").inc()
    else:
        runner.fail(job, f"Chunk {job.chunk} could not be computed: {type(wrong).__name__}.")
