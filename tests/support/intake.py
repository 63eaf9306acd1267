"""Entries given to the log's intake without a Redis between, and what is counted of them."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from prometheus_client import CollectorRegistry
from sqlalchemy import Table, select

from monitor.intake.events import EventIntake
from monitor.intake.labels import LabelIntake
from monitor.intake.stream_reader import Entry
from monitor.metrics import MonitorMetrics
from monitor.prediction_log.opening import PredictionLog
from slipway.core.contracts.events import Event, event_to_json
from slipway.core.contracts.labels import Label, label_to_json


class Intake:
    """Both streams' sinks over one log."""

    def __init__(self, log: PredictionLog, keep_inputs: bool = False) -> None:
        self.log = log
        self.registry = CollectorRegistry()
        metrics = MonitorMetrics(self.registry)
        self._events = EventIntake(log, metrics, keep_inputs)
        self._labels = LabelIntake(log, metrics, keep_inputs)
        self._numbers = count(1)

    def events(self, *events: Event | bytes) -> None:
        self._events(
            self._entries([e if isinstance(e, bytes) else event_to_json(e) for e in events])
        )

    def labels(self, *labels: Label | bytes) -> None:
        self._labels(
            self._entries([e if isinstance(e, bytes) else label_to_json(e) for e in labels])
        )

    def _entries(self, bodies: Sequence[bytes]) -> list[Entry]:
        return [Entry(f"{next(self._numbers)}-0", body) for body in bodies]

    def events_counted(self, outcome: str) -> float:
        return self._counted("slipway_monitor_events_total", outcome)

    def labels_counted(self, outcome: str) -> float:
        return self._counted("slipway_monitor_labels_total", outcome)

    def _counted(self, name: str, outcome: str) -> float:
        return self.registry.get_sample_value(name, {"outcome": outcome}) or 0.0

    def trimmed(self) -> float:
        return self.registry.get_sample_value("slipway_monitor_events_trimmed_total") or 0.0

    def rows(self, table: Table) -> list[Any]:
        with self.log.reading() as connection:
            return list(connection.execute(select(table).order_by(table.c.id)))
