"""RQ's worker as ours: no fork, so that models and CUDA contexts stay; one queue, JSON, no commands."""

from collections.abc import Mapping

from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from worker.allowed_jobs import Function, job_class

# An idle worker looks after itself every ten seconds (its time to live less 15), instead of
# after RQ's seven minutes, so that a killed worker's remains are seen soon.
_WORKER_SECONDS = 25
_MONITORING_SECONDS = 5
_MAINTENANCE_SECONDS = 15


class WarmWorker(SimpleWorker):
    """Runs jobs in this process."""

    def __init__(self, queue: str, connection: Redis, table: Mapping[str, Function]) -> None:
        super().__init__(
            [queue],
            connection=connection,
            job_class=job_class(table),
            serializer=JSONSerializer,
            worker_ttl=_WORKER_SECONDS,
            job_monitoring_interval=_MONITORING_SECONDS,
            maintenance_interval=_MAINTENANCE_SECONDS,
            log_job_description=False,
        )

    def subscribe(self) -> None:
        """Commands over Redis are not obeyed."""

    def unsubscribe(self) -> None:
        return
