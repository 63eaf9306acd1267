"""The queue of chunks, over RQ: JSON payloads, one job a delivery of a chunk."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from redis import Redis
from rq import Queue, Retry
from rq.queue import EnqueueData
from rq.serializers import JSONSerializer

from slipway.core.contracts.jobs import RUN_CHUNK, SCHEMA, ChunkJob
from slipway.queue.due import put_due
from slipway.queue.facts import redis_facts

BATCHES = "batches"
# What a job raised may heal; after these many seconds it is tried again, and then no more.
RAISED_RETRY_SECONDS = (2, 10)
# Finished jobs leave at once, failed ones are kept for a person to look at.
_FAILURE_SECONDS = 24 * 3600
_AT_ONCE = 100


class BatchQueue:
    """Puts chunks on the queue and says which are there. Raises Unavailable when Redis is away."""

    def __init__(self, connection: Redis, job_timeout_seconds: int = 1_800) -> None:
        self._timeout = job_timeout_seconds
        self._queue = Queue(BATCHES, connection=connection, serializer=JSONSerializer)

    def enqueue(self, batch_id: str, chunks: Iterable[int]) -> None:
        """A first job for each chunk, in order."""
        self._put([ChunkJob(SCHEMA, batch_id, chunk, 1) for chunk in chunks], at_front=False)

    def put_back(self, jobs: Iterable[ChunkJob]) -> None:
        """Further deliveries go first: their batch has waited for them already."""
        self._put(list(jobs), at_front=True)

    def waiting(self) -> set[tuple[str, int]]:
        """(batch, chunk) of every job that is queued or will be tried again at a set time."""
        with redis_facts():
            ids = [*self._queue.get_job_ids(), *_scheduled_ids(self._queue)]
        found = set()
        for job_id in ids:
            with suppress(ValueError):  # another kind of job
                job = ChunkJob.from_job_id(job_id)
                found.add((job.batch_id, job.chunk))
        return found

    def put_due(self, now: datetime) -> int:
        """Queues the jobs whose time to be tried again has come; how many."""
        return put_due(self._queue, now)

    def _put(self, jobs: list[ChunkJob], *, at_front: bool) -> None:
        with redis_facts():
            for start in range(0, len(jobs), _AT_ONCE):
                some = jobs[start : start + _AT_ONCE]
                self._queue.enqueue_many([self._data(job, at_front) for job in some])

    def _data(self, job: ChunkJob, at_front: bool) -> EnqueueData:
        return Queue.prepare_data(
            RUN_CHUNK,
            args=(job.payload(),),
            job_id=job.job_id,
            timeout=self._timeout,
            result_ttl=0,
            failure_ttl=_FAILURE_SECONDS,
            retry=Retry(max=len(RAISED_RETRY_SECONDS), interval=list(RAISED_RETRY_SECONDS)),
            at_front=at_front,
            description=f"chunk {job.chunk} of batch {job.batch_id}",
        )


def _scheduled_ids(queue: Queue) -> list[str]:
    return list(queue.scheduled_job_registry.get_job_ids(cleanup=False))
