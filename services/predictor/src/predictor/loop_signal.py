"""Something to wait for, that holds up a greenlet on the event loop and a thread elsewhere."""

import threading
from collections.abc import Callable

from gevent.event import Event
from gevent.hub import get_hub

from predictor.admission import Signal


class _LoopSignal:
    """Waited for by a greenlet; may be set from any thread."""

    def __init__(self) -> None:
        self._event = Event()
        self._loop = get_hub().loop
        self._thread = threading.get_ident()
        self._set = False

    def set(self) -> None:
        self._set = True
        if threading.get_ident() == self._thread:
            self._event.set()
        else:
            self._loop.run_callback_threadsafe(self._event.set)

    def is_set(self) -> bool:
        return self._set

    def wait(self, timeout: float | None = None) -> bool:
        self._event.wait(timeout)
        return self._set


def loop_signals() -> Callable[[], Signal]:
    """Makes signals for whoever asks. To be called on the loop's thread."""
    here = threading.get_ident()
    return lambda: _LoopSignal() if threading.get_ident() == here else threading.Event()
