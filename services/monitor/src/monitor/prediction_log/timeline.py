"""Quality over time: labelled rows in equally long steps, by version."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Integer, case, cast, func, select

from monitor.prediction_log.tables import predictions
from monitor.prediction_log.window_rows import LIVE_ROLES


def steps_of(connection: Connection, model: str, since: float, seconds: float) -> Sequence[Any]:
    """Of each step and version: predicted, labelled, correct, absolute error, weights counted.

    step: how many times `seconds` after `since` it begins.
    """
    step = cast((predictions.c.time - since) / seconds - 0.5, Integer).label("step")
    right = predictions.c.true_label == predictions.c.predicted_label
    weight = predictions.c.weight
    labelled = predictions.c.label_id.is_not(None)
    error = func.abs(predictions.c.true_number - predictions.c.predicted_number)
    found = (
        select(
            step,
            predictions.c.version,
            func.count().label("predicted"),
            func.sum(case((labelled, 1), else_=0)).label("labelled"),
            func.sum(case((labelled, weight), else_=0.0)).label("weight"),
            func.sum(case((right, weight), else_=0.0)).label("correct"),
            func.sum(error * weight).label("absolute_error"),
        )
        .where(
            predictions.c.model == model,
            predictions.c.time >= since,
            predictions.c.role.in_(LIVE_ROLES),
        )
        .group_by(step, predictions.c.version)
        .order_by(step, predictions.c.version)
    )
    return connection.execute(found).all()
