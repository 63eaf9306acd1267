"""Labels meet predictions: whichever comes second finds the other in the log."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from monitor.prediction_log.tables import labels, predictions
from monitor.prediction_log.values import as_columns, as_label, in_the_models_words

_PREDICTION = (
    predictions.c.id,
    predictions.c.request_id,
    predictions.c.row_index,
    predictions.c.key_id,
    predictions.c.predicted_label,
    predictions.c.probabilities,
    predictions.c.label_id,
    predictions.c.label_time,
)
# What a label's fate is called, the best first: it may meet several predictions of one request id.
OUTCOMES = ("joined", "replaced", "older", "unknown_class", "other_key", "early")


def join_labels(connection: Connection, given: Sequence[Row[Any]]) -> dict[int, str]:
    """Joins labels that are in the log to the predictions that are; what became of each, by id."""
    found = _predictions_of(connection, {label.request_id for label in given})
    outcomes: dict[int, str] = {}
    for label in given:
        fates = [
            _join(connection, label, prediction)
            for prediction in found.get((label.request_id, label.row_index), ())
        ]
        outcomes[label.id] = min(fates, key=OUTCOMES.index, default="early")
    for outcome in set(outcomes.values()):
        ids = [label_id for label_id, found_outcome in outcomes.items() if found_outcome == outcome]
        connection.execute(update(labels).where(labels.c.id.in_(ids)).values(outcome=outcome))
    return outcomes


def join_waiting(connection: Connection, request_ids: Iterable[str]) -> list[str]:
    """Joins the labels that came before these requests' predictions; what became of each of them."""
    waiting = connection.execute(
        select(labels).where(labels.c.request_id.in_(set(request_ids))).order_by(labels.c.id)
    ).all()
    outcomes = join_labels(connection, waiting) if waiting else {}
    return [outcomes[label.id] for label in waiting if label.outcome == "early"]


def _predictions_of(
    connection: Connection, request_ids: set[str]
) -> dict[tuple[str, int], list[Any]]:
    asked = select(*_PREDICTION).where(predictions.c.request_id.in_(request_ids))
    found: dict[tuple[str, int], list[Any]] = {}
    for row in connection.execute(asked):
        found.setdefault((row.request_id, row.row_index), []).append(row)
    return found


def _join(connection: Connection, label: Any, prediction: Any) -> str:
    if label.key_id != prediction.key_id and not label.admin:
        return "other_key"
    given = as_label(label.text, label.number)
    value = None if given is None else in_the_models_words(given, prediction)
    if value is None:
        return "unknown_class"
    text, number = as_columns(value)
    # Asked of the table, not of the row read before: an earlier label of this round may be there now.
    newer = update(predictions).where(
        predictions.c.id == prediction.id,
        (predictions.c.label_time.is_(None)) | (predictions.c.label_time <= label.time),
    )
    done = connection.execute(
        newer.values(
            label_id=label.label_id, true_label=text, true_number=number, label_time=label.time
        )
    )
    if not done.rowcount:
        return "older"
    return "replaced" if prediction.label_id not in (None, label.label_id) else "joined"
