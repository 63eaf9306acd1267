"""Labelled traffic with its inputs, as the log has it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from monitor.prediction_log.tables import labels, predictions
from monitor.prediction_log.values import as_label
from monitor.prediction_log.window_rows import LIVE_ROLES


class Labelled(NamedTuple):
    """One labelled prediction. instance: what was asked, None where it was not kept. predicted: the
    champion's answer of then. key_id: of who labelled it."""

    source: str
    time: float
    instance: dict[str, Any] | None
    target: str | float
    predicted: str | float
    version: str
    key_id: str | None


def labelled_rows(connection: Connection, model: str, limit: int) -> list[Labelled]:
    """The model's last labelled live predictions, oldest first, one of each row asked.

    Captured inputs count before what came with the label.
    """
    found = (
        select(
            predictions.c.request_id,
            predictions.c.row_index,
            predictions.c.time,
            predictions.c.version,
            predictions.c.role,
            predictions.c.inputs,
            predictions.c.predicted_label,
            predictions.c.predicted_number,
            predictions.c.true_label,
            predictions.c.true_number,
            labels.c.instance,
            labels.c.key_id,
        )
        .join(labels, labels.c.label_id == predictions.c.label_id)
        .where(predictions.c.model == model, predictions.c.role.in_(LIVE_ROLES))
        .order_by(predictions.c.id.desc())
        # What a shadow scored is there twice.
        .limit(2 * limit)
    )
    kept: dict[str, Labelled] = {}
    for row in connection.execute(found):
        source = f"{row.request_id}/{row.row_index}"
        if source in kept and row.role == "shadow":
            continue
        target = as_label(row.true_label, row.true_number)
        predicted = as_label(row.predicted_label, row.predicted_number)
        if target is None or predicted is None:
            continue
        instance = row.inputs if row.inputs is not None else row.instance
        kept[source] = Labelled(
            source, row.time, instance, target, predicted, row.version, row.key_id
        )
        if len(kept) >= limit:
            break
    return sorted(kept.values(), key=lambda row: row.time)


def count_labelled(connection: Connection, models: Sequence[str]) -> dict[str, int]:
    """How many labelled live predictions each model has."""
    found = (
        select(predictions.c.model, func.count())
        .where(
            predictions.c.model.in_(models),
            predictions.c.label_id.is_not(None),
            predictions.c.role.in_(LIVE_ROLES),
        )
        .group_by(predictions.c.model)
    )
    return {row[0]: row[1] for row in connection.execute(found)}
