"""The functions that jobs may name: thin, repeatable shells around what does the work."""

import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any

from rq import Retry
from rq.exceptions import AbandonedJobError
from rq.job import Job
from rq.timeouts import JobTimeoutException

from slipway.core.contracts.jobs import RUN_CHUNK, chunk_job_from_payload
from slipway.core.errors import NotFound, Unavailable
from worker.allowed_jobs import Function
from worker.chunks import ChunkRunner
from worker.metrics import WorkerMetrics
from worker.stopping import Abandoned

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
        return None

    return {RUN_CHUNK: run_chunk}


ExceptionHandler = Callable[[Job, type[BaseException], BaseException, TracebackType | None], bool]


def on_raised(runner: ChunkRunner, metrics: WorkerMetrics) -> ExceptionHandler:
    """What a job raised is tried again by RQ; after the last time the batch has failed."""

    def handle(
        job: Job, kind: type[BaseException], wrong: BaseException, _: TracebackType | None
    ) -> bool:
        if issubclass(kind, AbandonedJobError):
            return True  # of a worker that died: the reconciler put the chunk back long ago
        if job.should_retry:
            metrics.retries.labels("raised").inc()
            return True
        try:
            chunk = chunk_job_from_payload(job.args[0])
            runner.fail(chunk, f"Chunk {chunk.chunk} could not be computed: {kind.__name__}.")
        except (Unavailable, NotFound, ValueError, LookupError) as fact:
            log.error("batch not failed", extra={"job": job.id, "reason": str(fact)})
        return True

    return handle
