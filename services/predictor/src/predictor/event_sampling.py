"""How many of the answers become events, so that a flood of requests stays a bounded stream."""

import random
import threading

PERIOD_SECONDS = 10.0


class EventSampler:
    """Keeps whole requests at about rows_per_second; what is kept stands for what is not.

    The rate is taken over the last one to two periods, so that one large request is no flood.
    """

    def __init__(self, rows_per_second: float, generator: random.Random) -> None:
        self._allowed = rows_per_second * PERIOD_SECONDS
        self._generator = generator
        self._lock = threading.Lock()
        self._began = 0.0
        self._rows = self._rows_before = 0

    def weight(self, rows: int, now: float) -> float | None:
        """The weight of a request's rows, 1 or more; None where the request is left out.

        now: of a monotonic clock, in seconds.
        """
        with self._lock:
            elapsed = now - self._began
            if elapsed >= PERIOD_SECONDS:
                self._rows_before = self._rows if elapsed < 2 * PERIOD_SECONDS else 0
                self._rows, self._began = 0, now
            self._rows += rows
            weight = max(self._rows, self._rows_before) / self._allowed
            if weight <= 1.0:
                return 1.0
            return weight if self._generator.random() * weight < 1.0 else None
