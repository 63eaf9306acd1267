"""Whether the thread that computes still gets on."""

import time


class Pulse:
    """Beats with every forward. A worker that waits, for work or for Redis, is never stuck."""

    def __init__(self, stuck_after_seconds: float) -> None:
        self._stuck_after_seconds = stuck_after_seconds
        self._last: float | None = None

    def beat(self) -> None:
        self._last = time.monotonic()

    def rest(self) -> None:
        """No chunk is in hand."""
        self._last = None

    def is_live(self) -> bool:
        last = self._last
        return last is None or time.monotonic() - last < self._stuck_after_seconds
