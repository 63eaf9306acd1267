"""prometheus_client's values in files, for a process that keeps its number and never forks."""

import struct
from bisect import bisect_left
from threading import Lock
from typing import Any

import prometheus_client
from prometheus_client import values

_LOCK = Lock()
# A value, and a time that only gauges have: made first and then put in its place as one piece, since
# pack_into writes zeros before it writes what it packs, and whoever reads meanwhile sees a counter of 0.
_PACK = struct.Struct("=dd").pack
_BYTES = 16


def slot_values(slot: int) -> Any:
    """The class of values whose files are named by `slot`: for `values.ValueClass`, before any metric.

    The library asks at each change which process it is in, and finds the place in the file again; both
    stay what they are here, and a prediction changes some sixteen values.
    """

    class SlotValue(values.MultiProcessValue(lambda: slot)):  # type: ignore[misc]
        def __init__(self, *described: Any, **named: Any) -> None:
            super().__init__(*described, **named)
            self._at = self._file._positions[self._key]

        def inc(self, amount: float) -> None:
            with _LOCK:
                self._value += amount
                self._file._m[self._at : self._at + _BYTES] = _PACK(self._value, 0.0)

        def set(self, value: float, timestamp: float | None = None) -> None:
            with _LOCK:
                self._value = value
                packed = _PACK(value, timestamp or 0.0)
                self._file._m[self._at : self._at + _BYTES] = packed

    return SlotValue


class Histogram(prometheus_client.Histogram):
    """The library's, which finds the bucket without comparing with each bound before it."""

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        if exemplar is not None:
            super().observe(amount, exemplar)
            return
        self._sum.inc(amount)
        self._buckets[bisect_left(self._upper_bounds, amount)].inc(1)
