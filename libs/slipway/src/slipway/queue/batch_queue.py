"""The queue of chunks, over RQ: JSON payloads, one job a delivery of a chunk."""

from collections.abc import Iterable

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.queue import EnqueueData
from rq.serializers import JSONSerializer

from slipway.core.contracts.jobs import RUN_CHUNK, SCHEMA, ChunkJob
from slipway.core.errors import Unavailable

BATCHES = "batches"
# Finished jobs leave at once, failed ones are kept for a person to look at.
_FAILURE_SECONDS = 24 * 3600
_AT_ONCE = 100


class BatchQueue:
    """Puts chunks on the queue. Raises Unavailable when Redis is away."""

    def __init__(self, connection: Redis, job_timeout_seconds: int) -> None:
        self._queue = Queue(
            BATCHES,
            connection=connection,
            serializer=JSONSerializer,
            default_timeout=job_timeout_seconds,
        )

    def check_reachable(self) -> None:
        try:
            self._queue.connection.ping()
        except RedisError as wrong:
            raise away(wrong) from None

    def enqueue(self, batch_id: str, chunks: Iterable[int], delivery: int = 1) -> None:
        """A job for each chunk, in order."""
        jobs = [ChunkJob(SCHEMA, batch_id, chunk, delivery) for chunk in chunks]
        try:
            for start in range(0, len(jobs), _AT_ONCE):
                self._queue.enqueue_many([_data(job) for job in jobs[start : start + _AT_ONCE]])
        except RedisError as wrong:
            raise away(wrong) from None


def _data(job: ChunkJob) -> EnqueueData:
    return Queue.prepare_data(
        RUN_CHUNK,
        args=(job.payload(),),
        job_id=job.job_id,
        result_ttl=0,
        failure_ttl=_FAILURE_SECONDS,
        description=f"chunk {job.chunk} of batch {job.batch_id}",
    )


def away(wrong: RedisError) -> Unavailable:
    """Redis's own words stay in the log: they may name addresses."""
    return Unavailable(f"The batch queue is away ({type(wrong).__name__}).", retry_after_seconds=5)
