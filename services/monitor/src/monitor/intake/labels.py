"""Labels into the log, and to the predictions they belong to."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from monitor.intake.setting_aside import Aside, set_aside
from monitor.intake.stream_reader import Entry
from monitor.metrics import MonitorMetrics
from monitor.prediction_log.joining import join_labels
from monitor.prediction_log.opening import PredictionLog
from monitor.prediction_log.tables import labels
from monitor.prediction_log.values import as_columns
from monitor.prediction_log.writing import insert_storable, only_new
from slipway.core.contracts.labels import Label, label_from_json
from slipway.core.contracts.reading import UnknownSchema


class LabelIntake:
    """The sink of the stream of labels. keep_inputs: whether an instance beside a label is kept."""

    def __init__(self, log: PredictionLog, metrics: MonitorMetrics, keep_inputs: bool) -> None:
        self._log = log
        self._metrics = metrics
        self._keep_inputs = keep_inputs

    def __call__(self, entries: Sequence[Entry]) -> None:
        """One transaction; counted once it is committed."""
        read: list[tuple[Entry, Label]] = []
        aside: list[Aside] = []
        outcomes: Counter[str] = Counter()
        for entry in entries:
            try:
                read.append((entry, label_from_json(entry.body)))
            except UnknownSchema as wrong:
                outcomes["unknown_schema"] += 1
                aside.append(Aside(entry, str(wrong)))
            except ValueError as wrong:
                outcomes["malformed"] += 1
                aside.append(Aside(entry, str(wrong)))
        rows = [row_of(label, self._keep_inputs) for _, label in read]
        with self._log.writing() as connection:
            new = only_new(connection, labels.c.label_id, rows)
            refused = insert_storable(connection, labels, [rows[place] for place in new])
            for place, reason in refused.items():
                aside.append(Aside(read[new[place]][0], f"not storable: {reason}"))
            set_aside(connection, "labels", aside)
            ids = [rows[place]["label_id"] for place in new]
            stored = select(labels).where(labels.c.label_id.in_(ids)).order_by(labels.c.id)
            joined = join_labels(connection, connection.execute(stored).all())
        outcomes.update(joined.values())
        outcomes["not_storable"] = len(refused)
        outcomes["duplicate"] = len(rows) - len(new)
        for outcome, count in outcomes.items():
            self._metrics.labels.labels(outcome).inc(count)


def row_of(label: Label, keep_inputs: bool) -> dict[str, Any]:
    """A label as a row of `labels`; nothing is known of its prediction yet."""
    text, number = as_columns(label.label)
    return {
        "label_id": label.label_id,
        "request_id": label.request_id,
        "row_index": label.index,
        "time": label.time,
        "key_id": label.key_id,
        "admin": label.admin,
        "text": text,
        "number": number,
        "instance": label.instance if keep_inputs else None,
        "outcome": "early",
    }
