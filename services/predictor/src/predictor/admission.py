"""How many requests are computed at once, how many may wait, and what becomes of the rest.

More in flight than a process can compute makes every answer late; a queue without a bound makes
all of them late. So a few run, a few wait in order, and whoever comes then is told at once when
to come again.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from slipway.core.errors import DeadlineExceeded, Overloaded

Clock = Callable[[], float]


class Signal(Protocol):
    """What one who waits waits for."""

    def set(self) -> None: ...

    def is_set(self) -> bool: ...

    def wait(self, timeout: float | None = None) -> bool: ...


_REMEMBERED = 64
_LONGEST_SECONDS = 60.0


class DrainRate:
    """Requests finished a second, over the last few; falls while nothing is finished."""

    def __init__(self) -> None:
        self._finished: deque[float] = deque(maxlen=_REMEMBERED)

    def note(self, now: float) -> None:
        self._finished.append(now)

    def seconds_for(self, requests: int, now: float) -> float:
        """How long so many take at the measured rate: 1 where nothing is known, 60 at most."""
        if len(self._finished) < 2:
            return 1.0
        per_request = (now - self._finished[0]) / len(self._finished)
        return min(_LONGEST_SECONDS, requests * per_request)


class Admission:
    """Places for `running` requests, and for `waiting` ones, who get a place in the order they came."""

    def __init__(
        self,
        running: int,
        waiting: int,
        clock: Clock = time.perf_counter,
        make_signal: Callable[[], Signal] = threading.Event,
    ) -> None:
        """make_signal: something to wait for that suits whoever calls it."""
        self._make_signal = make_signal
        self._places = running
        self._seats = waiting
        self._clock = clock
        self._running = 0
        self._waiting: deque[Signal] = deque()
        self._drained = DrainRate()
        self._lock = threading.Lock()

    @property
    def running(self) -> int:
        """How many have a place."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._waiting)

    def refuse_when_full(self) -> None:
        """Before anything is read of a request. Raises Overloaded where it could not even wait."""
        with self._lock:
            self._refuse_when_full()

    def enter(self, deadline: float | None = None) -> None:
        """Returns once there is a place; each `enter` is followed by one `leave`.

        deadline: on this object's clock. Raises Overloaded at once where nobody else may wait,
        DeadlineExceeded where no place came free in time.
        """
        with self._lock:
            if self._running < self._places and not self._waiting:
                self._running += 1
                return
            self._refuse_when_full()
            given = self._make_signal()
            self._waiting.append(given)
        remaining = None if deadline is None else max(0.0, deadline - self._clock())
        if given.wait(remaining):
            return
        with self._lock:
            if given.is_set():  # the place came between the time-out and here
                return
            self._waiting.remove(given)
        raise DeadlineExceeded("The time that the caller allowed ran out while it waited.")

    def leave(self) -> None:
        """Gives the place to whoever waits longest."""
        with self._lock:
            self._drained.note(self._clock())
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._running -= 1

    def _refuse_when_full(self) -> None:
        ahead = self._running + len(self._waiting)
        if ahead < self._places + self._seats:
            return
        raise overloaded(self._drained.seconds_for(ahead, self._clock()))


def overloaded(wait_seconds: float) -> Overloaded:
    """What whoever is shed is told."""
    return Overloaded(
        "More is asked than can be answered in time.", retry_after_seconds=wait_seconds
    )
