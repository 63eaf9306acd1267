"""Connections spread evenly over the request processes.

Keep-alive clients stay with the process that accepted them, and without this often all stay with
one. Each process writes how many connections it has where its siblings see it, and leaves a new
one to them for a moment while it has more than the least busy.
"""

import mmap
import struct
from typing import Any

from gevent.server import StreamServer

ABSENT = -1
PAUSE_SECONDS = 0.001
# Whoever should take a connection and does not (it is stopped, or starts) is waited for no longer.
PAUSES = 5
# So many more than a sibling are even enough: waiting for it costs a caller more than its neighbours do.
SLACK = 1
_NUMBER = struct.Struct("=q")


class ConnectionCounts:
    """A number for each slot, shared by the processes that are forked after it was made."""

    def __init__(self, slots: int = 256) -> None:
        """slots: more than there will be processes, also while they are replaced."""
        self._slots = slots
        self._memory = mmap.mmap(-1, slots * _NUMBER.size)
        for slot in range(slots):
            self.set(slot, ABSENT)

    def set(self, slot: int, count: int) -> None:
        _NUMBER.pack_into(self._memory, slot * _NUMBER.size, count)

    def least_of_others(self, slot: int) -> int | None:
        """The smallest count of a living sibling; None where there is none."""
        counts = struct.unpack(f"={self._slots}q", self._memory)
        others = [n for at, n in enumerate(counts) if at != slot and n != ABSENT]
        return min(others, default=None)


class EvenServer(StreamServer):  # type: ignore[misc]
    """gevent's server, which leaves connections to siblings that have fewer."""

    # At once, so that many callers who come together are not let in one by one between two forwards.
    max_accept = 16

    def __init__(self, counts: ConnectionCounts, slot: int, *arguments: Any, **named: Any) -> None:
        self._counts = counts
        self._slot = slot
        self._paused = 0
        super().__init__(*arguments, **named)

    def do_read(self) -> Any:
        if self._paused < PAUSES and self._siblings_have_fewer():
            self._paused += 1
            self.stop_accepting()
            self._timer = self.loop.timer(PAUSE_SECONDS)
            self._timer.start(self._start_accepting_if_started)
            return None
        self._paused = 0
        return super().do_read()

    def _siblings_have_fewer(self) -> bool:
        least = self._counts.least_of_others(self._slot)
        return least is not None and len(self.pool) > least + SLACK + least // 8
