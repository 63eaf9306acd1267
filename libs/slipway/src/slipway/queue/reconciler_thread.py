"""The reconciler, every few seconds, beside whatever else a process does."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from slipway.core.errors import SlipwayFact
from slipway.core.settings import MonitorSettings
from slipway.core.store import open_store
from slipway.queue.batch_queue import BatchQueue
from slipway.queue.connection import impatient
from slipway.queue.reconciler import Reconciler, Round

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 3.0
_TIMEOUT_SECONDS = 5.0


class ReconcilerThread:
    """Runs until `stop`. report: called after each round that this process did."""

    def __init__(self, reconciler: Reconciler, report: Callable[[Round], None]) -> None:
        self._reconciler = reconciler
        self._report = report
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reconciler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns after the round in hand, or after some seconds."""
        self._stopping.set()
        self._thread.join(_TIMEOUT_SECONDS)

    def _run(self) -> None:
        while not self._stopping.wait(INTERVAL_SECONDS):
            try:
                done = self._reconciler.run_once(datetime.now(UTC))
                if done is not None:
                    self._report(done)
            except SlipwayFact as fact:
                log.warning("reconciler waits", extra={"reason": str(fact)})
            except Exception:
                log.exception("reconciler failed")


def start_reconciler(
    settings: MonitorSettings, report: Callable[[Round], None] = lambda _: None
) -> ReconcilerThread | None:
    """None where no store or no Redis is set: there are no batches then."""
    if not settings.redis_url or not settings.store_url:
        return None
    connection = impatient(settings, _TIMEOUT_SECONDS)
    reconciler = Reconciler(
        store=open_store(settings),
        connection=connection,
        queue=BatchQueue(connection, settings.batch_chunk_timeout_seconds),
        max_deliveries=settings.batch_max_deliveries,
        kept=timedelta(seconds=settings.batch_kept_seconds),
    )
    thread = ReconcilerThread(reconciler, report)
    thread.start()
    return thread
