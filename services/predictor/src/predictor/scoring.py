"""Rows to answers, each step timed: preprocess → forward → postprocess."""

from collections import Counter
from collections.abc import Sequence

from predictor.deadlines import refuse_late
from predictor.forwards import Computed, Forwards
from predictor.metrics import PredictorMetrics
from predictor.request_context import RequestContext
from predictor.serving import Served
from slipway.model.prediction import Prediction
from slipway.model.signature import Instance


def score(
    served: Served,
    instances: Sequence[Instance],
    context: RequestContext,
    metrics: PredictorMetrics,
    forwards: Forwards,
) -> Computed:
    """An answer for each validated instance, noted on the context and in the metrics.

    Raises DeadlineExceeded before the first step that the caller would no longer wait for.
    """
    model, role = served.model, served.answering_role
    who = (model.name, model.version, role)
    in_flight = metrics.in_flight_predictions.labels(*who)
    in_flight.inc()
    try:
        computed = forwards.predict(model, instances, context.deadline)
    finally:
        in_flight.dec()
    refuse_late(context.deadline)
    predictions = computed.predictions
    metrics.preprocess.labels(*who).observe(computed.preprocess_seconds)
    metrics.compute.labels(*who).observe(computed.compute_seconds)
    metrics.request_rows.labels(*who).observe(len(instances))
    context.compute_seconds = computed.compute_seconds
    context.queue_seconds = (context.queue_seconds or 0.0) + computed.queue_seconds
    context.rows = len(predictions)
    context.outcomes = dict(Counter(outcome_of(p) for p in predictions))
    for outcome, count in context.outcomes.items():
        metrics.predictions.labels(*who, outcome).inc(count)
    for field in (field for row in instances for field in model.family.unseen(row)):
        metrics.unseen_categories.labels(*who, field).inc()
    return computed


def outcome_of(prediction: Prediction) -> str:
    """The predicted label; `number` for a regression, so that label values stay few."""
    return prediction.prediction if isinstance(prediction.prediction, str) else "number"
