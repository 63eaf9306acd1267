"""Validated rows to answers, and the monitor told of them."""

import logging
import time
from collections.abc import Sequence
from typing import NamedTuple

from predictor import canary
from predictor.event_publisher import answered
from predictor.parts import parts
from predictor.request_context import current
from predictor.scoring import score
from predictor.serving import CANARY, Served
from predictor.shadow import Shadowed
from slipway.core.errors import DeadlineExceeded
from slipway.model.prediction import Prediction
from slipway.model.signature import Instance

log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """Who answered, and what."""

    served: Served
    predictions: list[Prediction]


def answer_rows(served: Served, instances: Sequence[Instance]) -> list[Prediction]:
    """This version's answer for each row of the request in hand. Raises DeadlineExceeded."""
    here, context = parts(), current()
    model = served.model
    context.answered_by(model.name, model.version, served.answering_role)
    computed = score(served, instances, context, here.metrics, here.forwards)
    here.events.publish(answered(served, instances, computed, context))
    return computed.predictions


def answer_or_let_answer(champion: Served, instances: Sequence[Instance]) -> Answer:
    """The champion's answer, or its canary's where that is this caller's; and a shadow is told.

    instances: as the champion's signature says. Raises DeadlineExceeded.
    """
    here, context = parts(), current()
    challenger = here.models.challenger(champion.model.name)
    if challenger is not None and canary.answers(challenger, context.caller, time.time()):
        predictions = _canarys(challenger, instances)
        if predictions is not None:
            return Answer(challenger, predictions)
        challenger = None  # it has failed on this request, which is counted
    predictions = answer_rows(champion, instances)
    if challenger is not None and canary.scores_too(challenger, context.request_id, time.time()):
        here.shadow.offer(Shadowed(challenger, instances, predictions, context))
    return Answer(champion, predictions)


def _canarys(challenger: Served, instances: Sequence[Instance]) -> list[Prediction] | None:
    """None where it fails: predicting is pure, so that the champion may answer instead."""
    model = challenger.model
    failures = parts().metrics.challenger.failures
    try:
        return answer_rows(challenger, instances)
    except DeadlineExceeded:
        failures.labels(model.name, model.version, CANARY, "late").inc()
        raise
    except Exception as wrong:  # noqa: BLE001 - whatever a challenger does, the caller is answered
        failures.labels(model.name, model.version, CANARY, "raised").inc()
        fields = {"model": model.name, "version": model.version, "role": CANARY}
        log.warning("challenger failed", extra={**fields, "reason": type(wrong).__name__})
        return None
