"""Tells the monitor of each prediction, without ever slowing or failing one."""

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import get_ident
from typing import NamedTuple, Protocol

from predictor.event_sampling import EventSampler
from predictor.forwards import Computed, letters_of
from predictor.metrics import PredictorMetrics
from predictor.request_context import RequestContext
from predictor.serving import SHADOW, Served
from slipway.core.contracts.events import SCHEMA, Event, Role, top_probabilities
from slipway.core.settings import PredictorSettings
from slipway.model.signature import Instance
from slipway.queue.connection import impatient
from slipway.queue.event_stream import EventStream

# What is told of so little is made where the answer is: a hand-over to another thread costs more.
FEW_ROWS, FEW_LETTERS = 32, 4_000

# Calls what it is given soon on the thread that calls this, after whatever that does now.
Soon = Callable[[Callable[[], None]], object]


class Answered(NamedTuple):
    """A request's rows with their answers, and what the request was. time: seconds since 1970."""

    served: Served
    role: Role
    instances: Sequence[Instance]
    computed: Computed
    context: RequestContext
    time: float
    latency_seconds: float

    def events(self, weight: float, *, keep_inputs: bool) -> list[Event]:
        """One a row, each without its event_id. weight: how many rows each stands for."""
        return [self._event(row, weight, keep_inputs) for row in range(len(self.instances))]

    def _event(self, row: int, weight: float, keep_inputs: bool) -> Event:
        instance, prediction = self.instances[row], self.computed.predictions[row]
        model, context = self.served.model, self.context
        shares = prediction.probabilities
        return Event(
            schema=SCHEMA,
            event_id="",
            request_id=context.request_id,
            index=row,
            time=self.time,
            model=model.name,
            version=model.version,
            role=self.role,
            generation=self.served.generation,
            key_id=context.key_id,
            route=context.route,
            prediction=prediction.prediction,
            probabilities=None if shares is None else top_probabilities(shares),
            interval=prediction.interval,
            features=model.family.monitored(instance, self.computed.scores[row]),
            latency_seconds=self.latency_seconds,
            weight=weight,
            digest=model.digest,
            queue_seconds=context.queue_seconds,
            compute_seconds=context.compute_seconds,
            inputs=instance if keep_inputs else None,
        )


def answered(
    served: Served,
    instances: Sequence[Instance],
    computed: Computed,
    context: RequestContext,
) -> Answered:
    """These answers, as of now."""
    latency = time.perf_counter() - context.began
    return Answered(
        served, served.answering_role, instances, computed, context, time.time(), latency
    )


class Events(Protocol):
    """Where answers go. redis_state: for the body of /ready."""

    @property
    def redis_state(self) -> str: ...

    def publish(self, answered: Answered) -> None: ...

    def stop(self) -> None: ...


class NoEvents:
    """Without Redis nobody is told."""

    redis_state = "not configured"

    def publish(self, answered: Answered) -> None:
        return

    def stop(self) -> None:
        return


class EventPublisher:
    """Samples answers, and hands those that are told of to the stream."""

    def __init__(
        self,
        stream: EventStream,
        sampler: EventSampler,
        keep_inputs: bool,
        soon: Soon | None = None,
    ) -> None:
        """soon: of the thread that makes and stops this, whose answers are sent before anybody is told of
        them; other threads' are told of at once, and where it is None, all are."""
        self._stream = stream
        self._sampler = sampler
        self._keep_inputs = keep_inputs
        self._soon = soon
        self._here = get_ident()
        self._answered: list[Answered] = []

    @property
    def redis_state(self) -> str:
        return self._stream.state

    def publish(self, answered: Answered) -> None:
        if self._soon is None or get_ident() != self._here:
            self._tell(answered)
            return
        self._answered.append(answered)
        if len(self._answered) == 1:
            self._soon(self._tell_all)

    def stop(self) -> None:
        self._tell_all()
        self._stream.stop()

    def _tell_all(self) -> None:
        answered, self._answered = self._answered, []
        for each in answered:
            self._tell(each)

    def _tell(self, answered: Answered) -> None:
        rows = len(answered.instances)
        weight = self._sampler.weight(rows, time.monotonic())
        if weight is not None:
            # What was asked is told once, beside the answer that the caller got.
            keep = self._keep_inputs and answered.role != SHADOW
            make = partial(answered.events, weight, keep_inputs=keep)
            self._stream.append(make, rows, later=_takes_long(answered.instances))


def _takes_long(instances: Sequence[Instance]) -> bool:
    """Whether to look at these values once more would keep the event loop: many, long, or tensors."""
    if len(instances) > FEW_ROWS or letters_of(instances) > FEW_LETTERS:
        return True
    return any(type(value) is list for row in instances for value in row.values())


def make_events(
    settings: PredictorSettings, metrics: PredictorMetrics, soon: Soon | None = None
) -> Events:
    """The publisher of one request process, its thread running; called after the fork."""
    if not settings.redis_url:
        return NoEvents()
    stream = EventStream(
        impatient(settings),
        metrics.events,
        stream_max=settings.events_max,
        buffer_max=settings.events_buffer_max,
    )
    stream.start()
    sampler = EventSampler(settings.events_per_second, random.Random())  # noqa: S311 - not a secret
    return EventPublisher(stream, sampler, settings.capture_inputs, soon)
