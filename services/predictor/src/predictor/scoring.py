"""Rows to answers, each step timed: preprocess → forward → postprocess."""

import time
from collections import Counter
from collections.abc import Sequence

from predictor.deadlines import refuse_late
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
) -> list[Prediction]:
    """An answer for each validated instance, noted on the context and in the metrics.

    Raises DeadlineExceeded before the first step that the caller would no longer wait for.
    """
    model = served.model
    refuse_late(context.deadline)
    began = time.perf_counter()
    inputs = model.preprocess(instances)
    ready = time.perf_counter()
    refuse_late(context.deadline)
    scores = model.forward(inputs)
    computed = time.perf_counter()
    refuse_late(context.deadline)
    predictions = model.postprocess(scores)

    metrics.preprocess.labels(model.name).observe(ready - began)
    metrics.compute.labels(model.name).observe(computed - ready)
    metrics.request_rows.labels(model.name).observe(len(instances))
    context.compute_seconds = computed - ready
    context.rows = len(predictions)
    context.outcomes = dict(Counter(outcome_of(p) for p in predictions))
    for outcome, count in context.outcomes.items():
        metrics.predictions.labels(model.name, model.version, served.event_role, outcome).inc(count)
    return predictions


def outcome_of(prediction: Prediction) -> str:
    """The predicted label; `number` for a regression, so that label values stay few."""
    return prediction.prediction if isinstance(prediction.prediction, str) else "number"
