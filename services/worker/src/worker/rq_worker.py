"""RQ's worker as ours: no fork, so that models and CUDA contexts stay; one queue, JSON, no commands."""

import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType
from typing import cast

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, worker_registration
from rq.exceptions import StopRequested
from rq.executions import Execution, ExecutionRegistry
from rq.job import Job
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.utils import now
from rq.worker import WorkerStatus

from slipway.queue.facts import redis_facts
from worker.allowed_jobs import Function, job_class
from worker.metrics import WorkerMetrics
from worker.stopping import Stopping

# An idle worker looks after itself every ten seconds (its time to live less 15), instead of
# after RQ's seven minutes, so that a killed worker's remains are seen soon.
_WORKER_SECONDS = 25
_MONITORING_SECONDS = 5
_MAINTENANCE_SECONDS = 15
# How long RQ takes a job for running without a heartbeat.
_HEARTBEAT_SECONDS = 60


class WarmWorker(SimpleWorker):
    """Runs jobs in this process. quick: a connection that does not wait for a Redis that is away."""

    max_connection_wait_time = 2.0

    def __init__(
        self,
        queue: str,
        connection: Redis,
        quick: Redis,
        table: Mapping[str, Function],
        stopping: Stopping,
        metrics: WorkerMetrics,
    ) -> None:
        self._quick = quick
        self._stopping = stopping
        self._metrics = metrics
        self._job: Job | None = None
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

    def execute_job(self, job: Job, queue: Queue) -> None:
        if job.enqueued_at is not None:
            self._metrics.queue_wait.observe(max(0.0, (now() - job.enqueued_at).total_seconds()))
        self._job = job
        try:
            super().execute_job(job, queue)
        finally:
            self._job = None

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        return _HEARTBEAT_SECONDS

    def beat(self) -> None:
        """From the heartbeat's thread, since a job has this one. Raises Unavailable."""
        job, execution = self._job, self.execution if self._job is not None else None
        with redis_facts(), self._quick.pipeline() as pipeline:
            pipeline.expire(self.key, _WORKER_SECONDS + 60)
            if job is not None and execution is not None:
                execution.heartbeat(job.started_job_registry, _HEARTBEAT_SECONDS, pipeline)
            pipeline.execute()

    def clean_registries(self) -> None:
        """Removes what dead workers left in RQ's books.

        RQ would queue their jobs again; the reconciler has put the chunks back long before.
        """
        for queue in self.queues:
            registry = queue.started_job_registry
            left = self.connection.zrangebyscore(registry.key, 0, time.time())
            for entry in cast(list[bytes], left):
                self._forget(registry, entry.decode())
            queue.failed_job_registry.cleanup()
            worker_registration.clean_worker_registry(queue)
            queue.intermediate_queue.cleanup(self, queue)
        self.last_cleaned_at = now()  # type: ignore[assignment]

    def _forget(self, registry: StartedJobRegistry, entry: str) -> None:
        execution = Execution.from_composite_key(entry, self.connection)
        executions = ExecutionRegistry(execution.job_id, self.connection)
        with self.connection.pipeline() as pipeline:
            pipeline.zrem(registry.key, entry)
            pipeline.delete(execution.key, executions.key, self.job_class.key_for(execution.job_id))
            pipeline.execute()

    def subscribe(self) -> None:
        """Commands over Redis are not obeyed."""

    def unsubscribe(self) -> None:
        return

    def _install_signal_handlers(self) -> None:
        signal.signal(signal.SIGINT, self.request_stop)
        signal.signal(signal.SIGTERM, self.request_stop)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Lets the job in hand end, or be handed back; an idle worker goes at once. No word to Redis."""
        self._stopping.ask()
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def register_death(self) -> None:
        """A Redis that is away is not waited for: it forgets the worker by itself."""
        self.connection = self._quick
        with suppress(RedisError):
            super().register_death()  # type: ignore[no-untyped-call]
