"""Retrainings as the log and the store keep them, without anything being trained."""

import time
from collections.abc import Sequence
from typing import Any

from monitor.prediction_log.opening import PredictionLog
from monitor.retraining.record import Outcome, Retraining, State, begin, move
from slipway.model.gate_reports import Check, GateReport, put_report
from slipway.model.registry import Registry

REASON = "Accuracy 0.8 of 200 labelled rows, 0.98 in training."
CHECKS = (Check("holdout", True, "accuracy 1 on 100 rows."), Check("size", False, "<too large>"))
# state, outcome, reason, figures
Told = tuple[State, Outcome | None, str, dict[str, Any]]


def put_retraining(
    log: PredictionLog,
    registry: Registry,
    steps: Sequence[Told] = (),
    *,
    retraining_id: str = "r-1",
    version: str = "1.1.0",
    began: float | None = None,
    refused: str | None = None,
) -> None:
    """One of `spam`, begun 100 s ago for its quality; each later step half a minute after the last.

    refused: why it was not begun at all.
    """
    start = time.time() - 100 if began is None else began
    record = Retraining(
        retraining_id=retraining_id,
        model="spam",
        champion="1.0.0",
        version=version,
        kind="quality",
        reason=REASON,
        state="done" if refused else "training",
        outcome="refused" if refused else None,
        started=start,
        changed=start,
        step=1,
        applied=True,
        generation=1,
        since=start,
        until=None,
        dataset="d" * 64,
        must_gain=True,
        notes={"ratio": 0},
    )
    dataset, when = "d" * 64, "2026-11-26T08:05:00.000+00:00"
    report = GateReport(
        retraining_id, "spam", "1.0.0", version, dataset, "passed", "well.", when, list(CHECKS)
    )
    put_report(registry, report)
    with log.writing() as connection:
        begin(connection, record, {"value": 0.8}, refused)
        for number, (state, outcome, reason, figures) in enumerate(steps, 2):
            now = start + 30 * (number - 1)
            after = record._replace(
                state=state, outcome=outcome, step=number, changed=now, since=now, until=now + 600
            )
            move(connection, after, reason, figures)
