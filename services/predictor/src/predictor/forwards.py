"""Where predictions are computed: rows in, answers and what each step took out."""

import time
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from predictor.deadlines import refuse_late
from slipway.model.families.base import Scores
from slipway.model.prediction import Prediction
from slipway.model.runtime import Model
from slipway.model.signature import Instance


class Computed(NamedTuple):
    """Answers of one request, and what the network said of each row: shape (rows, outputs). Steps
    that were shared with other requests count for each of them."""

    predictions: list[Prediction]
    scores: Scores
    queue_seconds: float
    preprocess_seconds: float
    compute_seconds: float


def letters_of(instances: Sequence[Instance]) -> int:
    """How long their texts are together, which is what texts cost."""
    return sum(len(value) for row in instances for value in row.values() if type(value) is str)


class Forwards(Protocol):
    """Computes answers, alone or together with others; the answers are the same."""

    def predict(
        self, model: Model, instances: Sequence[Instance], deadline: float | None
    ) -> Computed:
        """Raises DeadlineExceeded before the first step that nobody would wait for any more."""

    def stop(self) -> None: ...


class DirectForwards:
    """Each request alone, in the thread that asks."""

    def predict(
        self, model: Model, instances: Sequence[Instance], deadline: float | None
    ) -> Computed:
        refuse_late(deadline)
        began = time.perf_counter()
        inputs = model.preprocess(instances)
        ready = time.perf_counter()
        refuse_late(deadline)
        scores = model.forward(inputs)
        computed = time.perf_counter()
        refuse_late(deadline)
        answers = model.postprocess(scores)
        return Computed(answers, scores, 0.0, ready - began, computed - ready)

    def stop(self) -> None:
        return
