"""SIGTERM: the chunk in hand may be ended, and is handed back when that takes too long."""

import time

_LOOK_SECONDS = 0.1


class Abandoned(Exception):
    """The chunk is handed back unfinished."""


class Stopping:
    """Asked from a signal handler, looked at between forwards.

    Without a lock: a handler that sets a threading.Event waits for its lock, which whoever it interrupts
    may hold.
    """

    def __init__(self, grace_seconds: float) -> None:
        self._grace_seconds = grace_seconds
        self._deadline: float | None = None

    @property
    def asked(self) -> bool:
        return self._deadline is not None

    def ask(self) -> None:
        """The second time: at once."""
        now = time.monotonic()
        self._deadline = now if self.asked else now + self._grace_seconds

    def wait(self, seconds: float) -> None:
        """So long, or until stopping is asked."""
        until = time.monotonic() + seconds
        while not self.asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_SECONDS))

    def check(self) -> None:
        """Raises Abandoned once the time is up."""
        if self._deadline is not None and time.monotonic() >= self._deadline:
            raise Abandoned
