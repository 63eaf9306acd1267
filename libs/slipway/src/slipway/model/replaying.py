"""Logged requests asked of another version: what it answers otherwise, and how long it takes. Pure."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

import msgspec
import numpy as np

from slipway.core.errors import InvalidInput
from slipway.model.prediction import Prediction
from slipway.model.runtime import Model
from slipway.model.validation import checked_instance

Clock = Callable[[], float]
# Rows that are named one by one.
MOST_NAMED = 20
# Numbers this much apart, of the larger one, are the same number.
SAME_NUMBER = 1e-6


class LoggedRow(msgspec.Struct, frozen=True):
    """A row as the monitor's log has it. time: seconds since 1970. inputs: what was asked."""

    request_id: str
    index: int
    time: float
    version: str
    prediction: str | float
    inputs: dict[str, Any]
    confidence: float | None = None
    compute_seconds: float | None = None


class Changed(msgspec.Struct, frozen=True):
    """A row that is answered otherwise."""

    request_id: str
    index: int
    version: str
    before: str | float
    now: str | float
    before_confidence: float | None
    now_confidence: float | None


class Timing(msgspec.Struct, frozen=True):
    """Seconds that one request's rows took; None of no request."""

    median: float | None
    p95: float | None


class Report(msgspec.Struct, frozen=True):
    """refused: rows that do not fit the version's signature. classes: how often which answer became
    which, the most frequent first. mean_difference, largest_difference: of numbers, now less
    before. named: the first changed rows. before, now: the forwards; before, others may have
    shared them."""

    model: str
    version: str
    rows: int
    requests: int
    refused: int
    changed: int
    classes: list[tuple[str, str, int]]
    mean_difference: float | None
    largest_difference: float | None
    named: list[Changed]
    before: Timing
    now: Timing

    @property
    def changed_ratio(self) -> float:
        return self.changed / self.rows if self.rows else 0.0


class Replay:
    """Asks one version what others were asked, a request at a time."""

    def __init__(self, model: Model, clock: Clock = time.perf_counter) -> None:
        self._model = model
        self._clock = clock
        self._rows = self._requests = self._refused = self._changed = 0
        self._classes: Counter[tuple[str, str]] = Counter()
        self._differences: list[float] = []
        self._named: list[Changed] = []
        self._before: list[float] = []
        self._now: list[float] = []

    def ask(self, rows: Iterable[LoggedRow]) -> Iterator[int]:
        """Yields how many rows were read so far, after each request. rows: a request's beside one another."""
        read = 0
        for _, its in groupby(rows, key=lambda row: row.request_id):
            request = list(its)
            self._ask(request)
            read += len(request)
            yield read

    def report(self) -> Report:
        differences = self._differences
        return Report(
            model=self._model.name,
            version=self._model.version,
            rows=self._rows,
            requests=self._requests,
            refused=self._refused,
            changed=self._changed,
            classes=[(*pair, count) for pair, count in self._classes.most_common()],
            mean_difference=float(np.mean(differences)) if differences else None,
            largest_difference=max(differences, key=abs, default=None),
            named=self._named,
            before=_timing(self._before),
            now=_timing(self._now),
        )

    def _ask(self, request: list[LoggedRow]) -> None:
        fitting, instances = [], []
        for row in request:
            try:
                given = {name: value for name, value in row.inputs.items() if value is not None}
                instances.append(checked_instance(self._model.signature, given))
            except InvalidInput:
                self._refused += 1
            else:
                fitting.append(row)
        if not fitting:
            return
        inputs = self._model.preprocess(instances)
        began = self._clock()
        scores = self._model.forward(inputs)
        self._now.append(self._clock() - began)
        answers = self._model.postprocess(scores)
        self._requests += 1
        if fitting[0].compute_seconds is not None:
            self._before.append(fitting[0].compute_seconds)
        for row, answer in zip(fitting, answers, strict=True):
            self._compare(row, answer)

    def _compare(self, row: LoggedRow, answer: Prediction) -> None:
        self._rows += 1
        before, now = row.prediction, answer.prediction
        if isinstance(before, str) or isinstance(now, str):
            self._classes[str(before), str(now)] += 1
            same = before == now
        else:
            self._differences.append(now - before)
            same = abs(now - before) <= SAME_NUMBER * max(abs(now), abs(before))
        if same:
            return
        self._changed += 1
        if len(self._named) < MOST_NAMED:
            sure = (row.confidence, answer.confidence)
            changed = Changed(row.request_id, row.index, row.version, before, now, *sure)
            self._named.append(changed)


def _timing(seconds: list[float]) -> Timing:
    if not seconds:
        return Timing(None, None)
    return Timing(float(np.median(seconds)), float(np.percentile(seconds, 95)))
