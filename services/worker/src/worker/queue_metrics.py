"""The queue as Redis has it, read when Prometheus asks."""

import time
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from slipway.core.errors import Unavailable
from slipway.queue.backlog import Backlog
from slipway.queue.facts import redis_facts


class QueueCollector(Collector):
    """Every worker says the same of its queue: take the maximum, not the sum.

    Says nothing while Redis is away.
    """

    def __init__(self, queue: str, connection: Redis) -> None:
        self._queue = Queue(queue, connection=connection, serializer=JSONSerializer)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield from (_jobs(), _oldest(), _pending())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            yield from self._families()
        except Unavailable:
            return

    def _families(self) -> list[GaugeMetricFamily]:
        queue, jobs, oldest, pending = self._queue, _jobs(), _oldest(), _pending()
        with redis_facts():
            counts = {
                "queued": queue.connection.llen(queue.key),
                "started": queue.started_job_registry.get_job_count(cleanup=False),
                "scheduled": queue.scheduled_job_registry.get_job_count(cleanup=False),
                "failed": queue.failed_job_registry.get_job_count(cleanup=False),
            }
            first = queue.get_jobs(0, 1)
        for state, count in counts.items():
            jobs.add_metric([queue.name, state], count)
        enqueued_at = first[0].enqueued_at if first else None
        age = 0.0 if enqueued_at is None else max(0.0, time.time() - enqueued_at.timestamp())
        oldest.add_metric([queue.name], age)
        pending.add_metric([queue.name], Backlog(queue.connection).pending_rows())
        return [jobs, oldest, pending]


def _jobs() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "slipway_queue_jobs",
        "Jobs of a queue: queued, started, scheduled (to be tried again) or failed.",
        labels=["queue", "state"],
    )


def _oldest() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "slipway_queue_oldest_job_age_seconds",
        "How long the next job has waited; 0 where none waits.",
        labels=["queue"],
    )


def _pending() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "slipway_queue_pending_rows",
        "Rows of accepted batches that have no result yet.",
        labels=["queue"],
    )
