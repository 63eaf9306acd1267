"""Events into the log."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from monitor.intake.setting_aside import Aside, set_aside
from monitor.intake.stream_reader import Entry
from monitor.metrics import MonitorMetrics
from monitor.prediction_log.joining import join_waiting
from monitor.prediction_log.opening import PredictionLog
from monitor.prediction_log.tables import predictions, publishers
from monitor.prediction_log.values import as_columns
from monitor.prediction_log.writing import insert_new, insert_storable, only_new
from slipway.core.contracts.events import Event, event_from_json
from slipway.core.contracts.reading import UnknownSchema


class EventIntake:
    """The sink of the stream of events. keep_inputs: whether raw inputs are written down."""

    def __init__(self, log: PredictionLog, metrics: MonitorMetrics, keep_inputs: bool) -> None:
        self._log = log
        self._metrics = metrics
        self._keep_inputs = keep_inputs

    def __call__(self, entries: Sequence[Entry]) -> None:
        """One transaction; counted once it is committed."""
        read: list[tuple[Entry, Event]] = []
        aside: list[Aside] = []
        outcomes = dict.fromkeys(("unknown_schema", "malformed"), 0)
        for entry in entries:
            try:
                read.append((entry, event_from_json(entry.body)))
            except UnknownSchema as wrong:
                outcomes["unknown_schema"] += 1
                aside.append(Aside(entry, str(wrong)))
            except ValueError as wrong:
                outcomes["malformed"] += 1
                aside.append(Aside(entry, str(wrong)))
        rows = [row_of(event, self._keep_inputs) for _, event in read]
        with self._log.writing() as connection:
            new = only_new(connection, predictions.c.event_id, rows)
            refused = insert_storable(connection, predictions, [rows[place] for place in new])
            for place, reason in refused.items():
                aside.append(Aside(read[new[place]][0], f"not storable: {reason}"))
            set_aside(connection, "events", aside)
            joined = join_waiting(connection, {event.request_id for _, event in read})
            trimmed = _count_trimmed(connection, [event for _, event in read])
        outcomes |= {"stored": len(new) - len(refused), "not_storable": len(refused)}
        outcomes["duplicate"] = len(rows) - len(new)
        for outcome, count in outcomes.items():
            self._metrics.events.labels(outcome).inc(count)
        for outcome in joined:
            if outcome != "early":
                self._metrics.labels.labels(outcome).inc()
        self._metrics.events_trimmed.inc(trimmed)


def row_of(event: Event, keep_inputs: bool) -> dict[str, Any]:
    """An event as a row of `predictions`."""
    label, number = as_columns(event.prediction)
    low, high = event.interval or (None, None)
    return {
        "event_id": event.event_id,
        "request_id": event.request_id,
        "row_index": event.index,
        "time": event.time,
        "model": event.model,
        "version": event.version,
        "digest": event.digest,
        "generation": event.generation,
        "role": event.role,
        "key_id": event.key_id,
        "route": event.route,
        "predicted_label": label,
        "predicted_number": number,
        "confidence": event.confidence,
        "probabilities": event.probabilities,
        "interval_low": low,
        "interval_high": high,
        "features": event.features,
        "inputs": event.inputs if keep_inputs else None,
        "latency_seconds": event.latency_seconds,
        "queue_seconds": event.queue_seconds,
        "compute_seconds": event.compute_seconds,
        "weight": event.weight,
    }


def _count_trimmed(connection: Connection, events: Sequence[Event]) -> int:
    """How many events are missing between those of each publisher, whose numbers have no gaps."""
    numbers: dict[str, list[int]] = {}
    times: dict[str, float] = {}
    for event in events:
        name, _, number = event.event_id.rpartition("-")
        if name and number.isdecimal() and len(number) < 18:
            numbers.setdefault(name, []).append(int(number))
            times[name] = event.time
    if not numbers:
        return 0
    known = select(publishers.c.name, publishers.c.last_number)
    rows = connection.execute(known.where(publishers.c.name.in_(numbers)))
    before = {row.name: row.last_number for row in rows}
    missing = 0
    for name, seen in numbers.items():
        last = before.get(name, 0)
        newest = max(seen)
        new = sum(number > last for number in set(seen))
        missing += max(0, newest - last - new)
        values = {"name": name, "last_number": max(newest, last), "time": times[name]}
        if name in before:
            connection.execute(
                publishers.update().where(publishers.c.name == name).values(**values)
            )
        else:
            insert_new(connection, publishers, [values])
    return missing
