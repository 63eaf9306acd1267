"""Rows of several requests through one model at once. Knows no loop: it runs wherever it is called."""

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

from predictor.deadlines import refuse_late
from predictor.forwards import Computed, letters_of
from slipway.core.errors import DeadlineExceeded
from slipway.model.runtime import Model
from slipway.model.signature import Instance


class Parked(ABC):
    """One request's rows. since: when it parked, on time.perf_counter's clock. letters: of its texts."""

    def __init__(self, model: Model, instances: Sequence[Instance], deadline: float | None) -> None:
        self.model = model
        self.instances = instances
        self.deadline = deadline
        self.since = time.perf_counter()
        self.letters = letters_of(instances)

    @abstractmethod
    def finish(self, outcome: Computed | BaseException) -> None:
        """Wakes who waits for these rows; called once, on the loop."""


Results = list[tuple[Parked, Computed | BaseException]]


def compute_together(batch: Sequence[Parked]) -> Results:
    """One forward for all whose callers still wait. Rows that break it fail alone."""
    late, waiting = _parted_by_deadline(batch)
    if not waiting:
        return late
    try:
        results = _computed(waiting)
    except Exception as wrong:  # noqa: BLE001 - the others of the batch do not pay for one of them
        if len(waiting) == 1:
            return [*late, (waiting[0], wrong)]
        results = [one for parked in waiting for one in compute_together([parked])]
    return [*late, *results]


def _computed(batch: Sequence[Parked]) -> Results:
    model = batch[0].model
    rows = [instance for parked in batch for instance in parked.instances]
    began = time.perf_counter()
    inputs = model.preprocess(rows)
    ready = time.perf_counter()
    scores = model.forward(inputs)
    computed = time.perf_counter()
    answers = model.postprocess(scores)
    results: Results = []
    start = 0
    for parked in batch:
        end = start + len(parked.instances)
        mine, of_mine, queued = answers[start:end], scores[start:end], began - parked.since
        results.append((parked, Computed(mine, of_mine, queued, ready - began, computed - ready)))
        start = end
    return results


def _parted_by_deadline(batch: Sequence[Parked]) -> tuple[Results, list[Parked]]:
    late: Results = []
    waiting = []
    for parked in batch:
        try:
            refuse_late(parked.deadline)
        except DeadlineExceeded as wrong:
            late.append((parked, wrong))
        else:
            waiting.append(parked)
    return late, waiting
