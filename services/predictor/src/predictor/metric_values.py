"""prometheus_client's values in files, for a process that keeps its number and never forks."""

import struct
from threading import Lock
from typing import Any

from prometheus_client import values

_LOCK = Lock()
_WRITE = struct.Struct("=dd").pack_into  # a value, and a time that only gauges have


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
                _WRITE(self._file._m, self._at, self._value, 0.0)

        def set(self, value: float, timestamp: float | None = None) -> None:
            with _LOCK:
                self._value = value
                _WRITE(self._file._m, self._at, value, timestamp or 0.0)

    return SlotValue
