"""What routes use, made once at the entry point and passed down."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from flask import current_app

from monitor.intake.stream_reader import StreamReader
from monitor.metrics import MonitorMetrics
from monitor.models import Models
from monitor.prediction_log.opening import PredictionLog
from slipway.core.key_ring import KeyRing
from slipway.core.settings import MonitorSettings

_KEY = "slipway.parts"


class Background(Protocol):
    """A thread of the monitor."""

    def start(self) -> None: ...

    def stop(self) -> None:
        """Tells the thread to end; it does so by itself, soon."""

    def join(self) -> None:
        """Waits for that, but not for long."""


@dataclass
class Parts:
    """The parts of the process."""

    settings: MonitorSettings
    metrics: MonitorMetrics
    log: PredictionLog
    models: Models
    readers: Sequence[StreamReader] = ()
    background: Sequence[Background] = field(default_factory=tuple)
    # None where keys are switched off.
    keys: KeyRing | None = None

    def start(self) -> None:
        for thread in (*self.readers, *self.background):
            thread.start()

    def stop(self) -> None:
        for thread in (*self.readers, *self.background):
            thread.stop()
        for thread in (*self.readers, *self.background):
            thread.join()
        self.log.close()

    def attach(self, extensions: dict[str, object]) -> None:
        extensions[_KEY] = self


def parts() -> Parts:
    """The parts of the application that answers the request in hand."""
    return cast(Parts, current_app.extensions[_KEY])
