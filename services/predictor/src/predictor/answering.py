"""Validated rows to answers, and the monitor told of them."""

from collections.abc import Sequence

from predictor.event_publisher import answered
from predictor.parts import parts
from predictor.request_context import current
from predictor.scoring import score
from predictor.serving import Served
from slipway.model.prediction import Prediction
from slipway.model.signature import Instance


def answer_rows(served: Served, instances: Sequence[Instance]) -> list[Prediction]:
    """An answer for each row of the request in hand. Raises DeadlineExceeded."""
    here, context = parts(), current()
    computed = score(served, instances, context, here.metrics, here.forwards)
    here.events.publish(answered(served, instances, computed, context))
    return computed.predictions
