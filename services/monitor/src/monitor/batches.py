"""Looking after open batches: the library's reconciler, and what it did in figures."""

from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge

from slipway.core.settings import MonitorSettings
from slipway.core.store import open_store
from slipway.queue.batch_queue import BatchQueue
from slipway.queue.connection import impatient
from slipway.queue.reconciler import Reconciler

INTERVAL_SECONDS = 3.0
_REDIS_TIMEOUT_SECONDS = 5.0


class BatchKeeper:
    """One round puts back chunks whose worker died, ends what is complete, and clears what is old."""

    def __init__(self, reconciler: Reconciler, registry: CollectorRegistry) -> None:
        self._reconciler = reconciler
        self._open = Gauge(
            "slipway_monitor_open_batches", "Batches that have not ended.", registry=registry
        )
        self._put_back = Counter(
            "slipway_monitor_batch_chunks_put_back_total",
            "Chunks that were queued again since nobody was at work on them.",
            registry=registry,
        )
        self._ended = Counter(
            "slipway_monitor_batches_ended_total",
            "Batches that were ended here and not by a worker: complete, given_up or expired.",
            ("reason",),
            registry=registry,
        )

    def look(self) -> None:
        """Raises Unavailable when the store or Redis is away."""
        done = self._reconciler.run_once(datetime.now(UTC))
        if done is None:
            return
        self._open.set(done.open_batches)
        self._put_back.inc(done.put_back)
        self._ended.labels("complete").inc(done.ended)
        self._ended.labels("given_up").inc(done.given_up)
        self._ended.labels("expired").inc(done.expired)


def make_batch_keeper(settings: MonitorSettings, registry: CollectorRegistry) -> BatchKeeper | None:
    """None where no store or no Redis is set: there are no batches then."""
    if not settings.redis_url or not settings.store_url:
        return None
    connection = impatient(settings, _REDIS_TIMEOUT_SECONDS)
    reconciler = Reconciler(
        store=open_store(settings),
        connection=connection,
        queue=BatchQueue(connection, settings.batch_chunk_timeout_seconds),
        max_deliveries=settings.batch_max_deliveries,
        kept=timedelta(seconds=settings.batch_kept_seconds),
    )
    return BatchKeeper(reconciler, registry)
