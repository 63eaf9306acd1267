"""Rows to answers, each step timed: preprocess → forward → postprocess."""

from collections.abc import Sequence

from predictor.deadlines import refuse_late
from predictor.forwards import Computed, Forwards
from predictor.metrics import PredictorMetrics, VersionMetrics
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
    model = served.model
    counts = metrics.of((model.name, model.version, served.answering_role))
    counts.in_flight.inc()
    try:
        computed = forwards.predict(model, instances, context.deadline)
    finally:
        counts.in_flight.dec()
    refuse_late(context.deadline)
    context.outcomes = count(computed, counts)
    context.compute_seconds = computed.compute_seconds
    context.queue_seconds = (context.queue_seconds or 0.0) + computed.queue_seconds
    context.rows = len(computed.predictions)
    for row in instances:
        for field in model.family.unseen(row):
            counts.unseen(field)
    return computed


def count(computed: Computed, counts: VersionMetrics) -> dict[str, int]:
    """The steps' durations and the answers of one request, in the metrics; how often each was given."""
    counts.preprocess.observe(computed.preprocess_seconds)
    counts.compute.observe(computed.compute_seconds)
    counts.rows.observe(len(computed.predictions))
    outcomes: dict[str, int] = {}
    for prediction in computed.predictions:
        outcome = outcome_of(prediction)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    for outcome, rows in outcomes.items():
        counts.predicted(outcome, rows)
    return outcomes


def outcome_of(prediction: Prediction) -> str:
    """The predicted label; `number` for a regression, so that label values stay few."""
    return prediction.prediction if isinstance(prediction.prediction, str) else "number"
