"""The queue of trainings, over RQ: a queue and a process of its own, since a training takes minutes."""

import time
from datetime import datetime

from redis import Redis
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

from slipway.core.contracts.jobs import TRAIN, TrainingJob
from slipway.queue.due import put_due
from slipway.queue.facts import redis_facts

TRAINING = "training"
_RAISED_RETRY_SECONDS = (5, 30)
_FAILURE_SECONDS = 24 * 3600


class TrainingQueue:
    """Puts trainings on the queue and says whether one is there. Raises Unavailable without Redis."""

    def __init__(self, connection: Redis, timeout_seconds: int = 3_600) -> None:
        self._timeout = timeout_seconds
        self._queue = Queue(TRAINING, connection=connection, serializer=JSONSerializer)

    def put(self, job: TrainingJob) -> None:
        """Nothing happens where this delivery is there already."""
        with redis_facts():
            try:
                self._queue.enqueue(
                    TRAIN,
                    args=(job.payload(),),
                    job_id=job.job_id,
                    unique=True,
                    job_timeout=self._timeout,
                    result_ttl=0,
                    failure_ttl=_FAILURE_SECONDS,
                    retry=Retry(len(_RAISED_RETRY_SECONDS), list(_RAISED_RETRY_SECONDS)),
                    description=f"training of {job.model} {job.version}",
                )
            except DuplicateJobError:
                return

    def put_due(self, now: datetime) -> int:
        """Queues the jobs whose time to be tried again has come; how many."""
        return put_due(self._queue, now)

    def has(self, job: TrainingJob) -> bool:
        """Whether somebody works on it, or will: it waits, or its worker gave a sign of life of late."""
        with redis_facts():
            waiting = [
                *self._queue.get_job_ids(),
                *self._queue.scheduled_job_registry.get_job_ids(cleanup=False),
            ]
            started = self._queue.started_job_registry
            entries = started.connection.zrangebyscore(started.key, time.time(), "+inf")
        at_work = {entry.decode().rpartition(":")[0] for entry in entries}
        return job.job_id in waiting or job.job_id in at_work
