"""Scoring in the shadow: a challenger answers what the champion was asked, and nobody waits for it.

A request is put into a bounded buffer once its answer is made; a thread of its own takes one after
another, rests after each so that it takes no more than its share of a core, a small part of that
while several requests are answered at once, and stands still while others wait for a place.
What does not fit is dropped and counted.
"""

import logging
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from predictor.admission import Admission
from predictor.comparing import compare
from predictor.event_publisher import Answered, Events
from predictor.forwards import Computed, DirectForwards
from predictor.metrics import PredictorMetrics
from predictor.request_context import RequestContext
from predictor.scoring import count
from predictor.serving import SHADOW, Served
from slipway.core.settings import PredictorSettings
from slipway.model.prediction import Prediction
from slipway.model.runtime import Model
from slipway.model.signature import Instance

log = logging.getLogger(__name__)

# One forward keeps a small model's thread no longer than this many rows take.
SLICE_ROWS = 32
LOOK_SECONDS = 1.0
BUSY_SECONDS = 0.02
# So many requests in flight are a crowd: whatever the interpreter does besides, they notice.
CROWD = 3
CROWDED_RESTS = 20
_ALONE = DirectForwards()


@dataclass(frozen=True)
class Shadowed:
    """A request that was answered, and the version that is to score it too."""

    challenger: Served
    instances: Sequence[Instance]
    predictions: Sequence[Prediction]
    context: RequestContext


class Shadow:
    """One process's shadow. `offer` may be called from any thread, and never blocks."""

    def __init__(
        self,
        metrics: PredictorMetrics,
        events: Events,
        *,
        buffer_rows: int,
        load: float,
        admission: Admission,
    ) -> None:
        """load: the share of a core that scoring may take."""
        self._metrics = metrics
        self._events = events
        self._buffer_rows = buffer_rows
        self._rest = 1 / load - 1
        self._admission = admission
        self._waiting: queue.SimpleQueue[Shadowed] = queue.SimpleQueue()
        self._rows = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What is buffered is not scored any more."""
        self._stopped.set()

    def offer(self, shadowed: Shadowed) -> None:
        """Takes an answered request, or drops and counts it."""
        rows = len(shadowed.instances)
        with self._lock:
            fits = self._rows + rows <= self._buffer_rows
            if fits:
                self._rows += rows
        if fits:
            self._waiting.put(shadowed)
        else:
            model = shadowed.challenger.model
            self._metrics.challenger.dropped.labels(model.name, model.version, "buffer_full").inc(
                rows
            )

    def score_next(self, timeout_seconds: float = 0.0) -> float:
        """Scores the request that waits longest; the seconds it took, 0 where none came."""
        try:
            shadowed = self._waiting.get(timeout=timeout_seconds)
        except queue.Empty:
            return 0.0
        with self._lock:
            self._rows -= len(shadowed.instances)
        began = time.perf_counter()
        if not shadowed.challenger.ended(time.time()):
            self._score(shadowed)
        return time.perf_counter() - began

    def step(self, timeout_seconds: float = 0.0) -> float:
        """Scores one request, unless others wait for a place; the seconds to rest afterwards."""
        if self._admission.waiting:
            return BUSY_SECONDS
        took = self.score_next(timeout_seconds)
        rests = CROWDED_RESTS if self._admission.running >= CROWD else 1
        return took * self._rest * rests

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._stopped.wait(self.step(LOOK_SECONDS))

    def _score(self, shadowed: Shadowed) -> None:
        model = shadowed.challenger.model
        who = (model.name, model.version, SHADOW)
        try:
            computed = _computed(model, shadowed.instances)
        except Exception as wrong:  # noqa: BLE001 - whatever a challenger does, the champion goes on
            self._metrics.challenger.failures.labels(*who, "raised").inc()
            fields = {"model": model.name, "version": model.version, "role": SHADOW}
            log.warning("challenger failed", extra={**fields, "reason": type(wrong).__name__})
            return
        count(computed, self._metrics.of(who))
        compare(shadowed.predictions, computed.predictions, model, self._metrics.challenger)
        self._publish(shadowed, computed)

    def _publish(self, shadowed: Shadowed, computed: Computed) -> None:
        """For the monitor: the same request, in the role of a shadow, with its own timing."""
        seconds = computed.preprocess_seconds + computed.compute_seconds
        context = replace(
            shadowed.context, queue_seconds=None, compute_seconds=computed.compute_seconds
        )
        challenger, instances = shadowed.challenger, shadowed.instances
        self._events.publish(
            Answered(challenger, SHADOW, instances, computed, context, time.time(), seconds)
        )


def _computed(model: Model, instances: Sequence[Instance]) -> Computed:
    """In slices, so that one large request does not keep the interpreter for long."""
    slices = [
        _ALONE.predict(model, instances[start : start + SLICE_ROWS], None)
        for start in range(0, len(instances), SLICE_ROWS)
    ]
    return Computed(
        [prediction for each in slices for prediction in each.predictions],
        np.concatenate([each.scores for each in slices]),
        0.0,
        sum(each.preprocess_seconds for each in slices),
        sum(each.compute_seconds for each in slices),
    )


def make_shadow(
    settings: PredictorSettings, metrics: PredictorMetrics, events: Events, admission: Admission
) -> Shadow:
    """One process's, not started yet."""
    return Shadow(
        metrics,
        events,
        buffer_rows=settings.shadow_buffer_rows,
        load=settings.shadow_load,
        admission=admission,
    )
