"""Work that is done again and again, each kind on a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from monitor.metrics import MonitorMetrics
from slipway.core.errors import SlipwayFact

log = logging.getLogger(__name__)


class Rounds:
    """Calls `one_round` every interval until it is stopped; a round that fails is counted, not the last."""

    def __init__(
        self,
        name: str,
        interval_seconds: float,
        one_round: Callable[[], None],
        metrics: MonitorMetrics,
    ) -> None:
        self._name = name
        self._interval_seconds = interval_seconds
        self._one_round = one_round
        self._metrics = metrics
        self._stopping = threading.Event()
        metrics.round_failures.labels(name)  # from 0 on: a rate sees the first failure
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Tells the thread to end; it does so by itself, after the round in hand."""
        self._stopping.set()

    def join(self) -> None:
        """Waits for that, but not for long."""
        if self._thread.is_alive():
            self._thread.join(5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._one_round()
            except (SlipwayFact, SQLAlchemyError) as wrong:
                self._metrics.round_failures.labels(self._name).inc()
                log.warning(
                    "round failed", extra={"round": self._name, "reason": type(wrong).__name__}
                )
            except Exception:  # the thread's top level: our bug in one kind of work stops no other
                self._metrics.round_failures.labels(self._name).inc()
                log.exception("round failed", extra={"round": self._name})
            took = time.monotonic() - began
            self._metrics.round_duration.labels(self._name).observe(took)
            self._stopping.wait(max(0.05, self._interval_seconds - took))
