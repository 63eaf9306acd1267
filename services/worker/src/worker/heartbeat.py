"""A thread that gives signs of life while another one computes."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol

from slipway.core.contracts.jobs import ChunkJob
from slipway.core.errors import Unavailable
from slipway.queue.leases import RENEW_SECONDS, Leases

log = logging.getLogger(__name__)


class DueQueue(Protocol):
    """A queue whose jobs may wait for a set time."""

    def put_due(self, now: datetime) -> int: ...


class Heartbeat:
    """Renews the lease on the chunk in hand, and queues what is to be tried again now.

    beat: tells RQ that its worker is alive. Its connections are impatient: a Redis that is away
    is asked again at the next beat.
    """

    def __init__(self, leases: Leases, queue: DueQueue, beat: Callable[[], None]) -> None:
        self._leases = leases
        self._queue = queue
        self._beat = beat
        self._held: ChunkJob | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._away = False
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @contextmanager
    def lease(self, job: ChunkJob) -> Iterator[bool]:
        """Whether the chunk is this worker's; while Redis is away it is, and may be another's too."""
        try:
            mine = self._leases.take(job.batch_id, job.chunk)
        except Unavailable:
            mine = True
        if not mine:
            yield False
            return
        self._held = job
        try:
            yield True
        finally:
            with self._lock:
                self._held = None
                self._release(job)

    def _release(self, job: ChunkJob) -> None:
        try:
            self._leases.release(job.batch_id, job.chunk)
        except Unavailable as wrong:
            log.warning("lease not released", extra={"reason": str(wrong)})

    def _run(self) -> None:
        while not self._stopped.wait(RENEW_SECONDS / 3):
            try:
                self._renew()
                self._queue.put_due(datetime.now(UTC))
                self._beat()
            except Unavailable as wrong:
                if not self._away:
                    log.warning("heartbeat waits", extra={"reason": str(wrong)})
                self._away = True
            else:
                self._away = False

    def _renew(self) -> None:
        with self._lock:
            if self._held is not None:
                self._leases.renew(self._held.batch_id, self._held.chunk)
