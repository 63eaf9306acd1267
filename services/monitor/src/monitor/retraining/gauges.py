"""Retrainings as Prometheus gauges: who is at which step, how the last ones ended."""

from collections.abc import Sequence
from typing import get_args

from prometheus_client import CollectorRegistry, Gauge

from monitor.retraining.canary_share import share_of
from monitor.retraining.record import OPEN_STATES, Outcome, Retraining


class RetrainingGauges:
    """Of every model with a prediction in the log."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._state = Gauge(
            "slipway_monitor_retraining_state",
            "1 for the step that the model's open retraining is at: training, gate, shadow, canary,"
            " waiting (for a person); else 0.",
            ("model", "state"),
            registry=registry,
        )
        self._since = Gauge(
            "slipway_monitor_retraining_step_age_seconds",
            "How long the open retraining has been at its step; 0 where none is open.",
            ("model",),
            registry=registry,
        )
        self._canary = Gauge(
            "slipway_monitor_canary_ratio",
            "The share of requests that the canary of the open retraining is to answer; else 0.",
            ("model",),
            registry=registry,
        )
        self._outcome = Gauge(
            "slipway_monitor_retraining_last_outcome",
            "1 for how the model's last retraining ended: promoted, rejected, rolled_back, refused,"
            " failed, superseded, lapsed; else 0.",
            ("model", "outcome"),
            registry=registry,
        )
        self._ended = Gauge(
            "slipway_monitor_retraining_last_ended_timestamp_seconds",
            "When the model's last retraining ended; 0 where none did.",
            ("model",),
            registry=registry,
        )

    def show(
        self, model: str, found: Sequence[Retraining], ratios: Sequence[float], now: float
    ) -> None:
        """found: the model's retrainings, newest first."""
        at_work = next((record for record in found if record.open), None)
        for state in OPEN_STATES:
            here = at_work is not None and at_work.state == state
            self._state.labels(model, state).set(here)
        self._since.labels(model).set(0.0 if at_work is None else now - at_work.since)
        ratio = 0.0
        if at_work is not None and at_work.state == "canary":
            ratio = share_of(at_work.notes, ratios)
        self._canary.labels(model).set(ratio)
        last = next((record for record in found if not record.open), None)
        for outcome in get_args(Outcome):
            ended_so = last is not None and last.outcome == outcome
            self._outcome.labels(model, outcome).set(ended_so)
        self._ended.labels(model).set(0.0 if last is None else last.changed)
