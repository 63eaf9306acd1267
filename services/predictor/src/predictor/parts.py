"""What routes use, made once at the entry point and passed down."""

from contextvars import ContextVar
from dataclasses import dataclass, field

from predictor.admission import Admission
from predictor.batching.desk import BatchDesk
from predictor.event_publisher import Events, NoEvents
from predictor.following import ModelFollower
from predictor.forwards import DirectForwards, Forwards
from predictor.metrics import PredictorMetrics
from predictor.serving import ServedModels
from predictor.shadow import Shadow
from slipway.core.key_ring import KeyRing
from slipway.core.settings import PredictorSettings
from slipway.queue.label_stream import LabelStream


@dataclass
class Parts:
    """The parts of one process. keys: None where they are switched off. draining: from SIGTERM on.

    follower: None without a store.
    """

    settings: PredictorSettings
    metrics: PredictorMetrics
    models: ServedModels
    keys: KeyRing | None
    admission: Admission
    batches: BatchDesk
    labels: LabelStream
    shadow: Shadow
    events: Events = field(default_factory=NoEvents)
    follower: ModelFollower | None = None
    forwards: Forwards = field(default_factory=DirectForwards)
    draining: bool = False
    # The newest description of the API, by the digests of what it describes.
    described: tuple[tuple[str, ...], bytes] | None = None

    def drain(self) -> None:
        """Takes no new work, and no new models either.

        Called by signals: a second one may come in the middle of the first, and would wait for its lock.
        """
        if self.draining:
            return
        self.draining = True
        if self.follower is not None:
            self.follower.stop()

    def show_dependencies(self) -> None:
        """In the metrics, as last heard; nothing of what is not configured."""
        if self.follower is not None:
            self.metrics.dependency_up.labels("store").set(self.follower.away is None)
        if self.events.redis_state in ("ok", "away"):
            self.metrics.dependency_up.labels("redis").set(self.events.redis_state == "ok")


_HELD: ContextVar[Parts] = ContextVar("parts")


def hold(parts: Parts) -> None:
    """This thread or greenlet answers with these parts from now on."""
    _HELD.set(parts)


def parts() -> Parts:
    """The parts of the application that answers the request in hand."""
    return _HELD.get()
