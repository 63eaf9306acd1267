"""SIGTERM: the chunk in hand may be ended, and is handed back when that takes too long."""

import threading
import time


class Abandoned(Exception):
    """The chunk is handed back unfinished."""


class Stopping:
    """Asked from a signal handler, looked at between forwards."""

    def __init__(self, grace_seconds: float) -> None:
        self._grace_seconds = grace_seconds
        self._deadline: float | None = None
        self._asked = threading.Event()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def ask(self) -> None:
        """The second time: at once."""
        now = time.monotonic()
        self._deadline = now if self.asked else now + self._grace_seconds
        self._asked.set()

    def wait(self, seconds: float) -> bool:
        """Whether stopping was asked within so many seconds."""
        return self._asked.wait(seconds)

    def check(self) -> None:
        """Raises Abandoned once the time is up."""
        if self._deadline is not None and time.monotonic() >= self._deadline:
            raise Abandoned
