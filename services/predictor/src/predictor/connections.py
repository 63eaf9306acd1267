"""The open connections of one process: which wait for a request, and for how long they have."""

import socket
import time
from contextlib import suppress
from typing import Any


class Connections:
    """By the greenlet that serves each. keepalive_seconds: how long one may wait for a request."""

    def __init__(self, keepalive_seconds: float) -> None:
        self._keepalive_seconds = keepalive_seconds
        self._sockets: dict[Any, Any] = {}
        self._waiting_since: dict[Any, float] = {}

    def __len__(self) -> int:
        return len(self._sockets)

    def opened(self, greenlet: Any, client: Any) -> None:
        self._sockets[greenlet] = client

    def closed(self, greenlet: Any) -> None:
        self._sockets.pop(greenlet, None)
        self._waiting_since.pop(greenlet, None)

    def waits(self, greenlet: Any) -> None:
        """From now on it waits for a request, its head included."""
        self._waiting_since[greenlet] = time.monotonic()

    def asks(self, greenlet: Any) -> None:
        """A request has come."""
        self._waiting_since.pop(greenlet, None)

    def close_idle(self, seconds: float | None = None) -> None:
        """Ends those that have waited for so long (the keep-alive time unless told otherwise).

        Only the reading side is closed here: the greenlet that waits sees the end and leaves.
        """
        before = time.monotonic() - (self._keepalive_seconds if seconds is None else seconds)
        for greenlet, since in list(self._waiting_since.items()):
            if since <= before:
                with suppress(OSError):  # the client was faster
                    self._sockets[greenlet].shutdown(socket.SHUT_RD)
