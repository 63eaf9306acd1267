"""Retrainings as pages and JSON show them: what was done, when, why, and by which numbers."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from monitor.retraining.brakes import Refused
from monitor.retraining.preparing import Preparing
from monitor.retraining.record import (
    Retraining,
    Step,
    find_retraining,
    open_retrainings,
    retrainings_of,
    steps_of,
)
from monitor.retraining.trigger import Trigger
from monitor.views.times import ago, iso
from slipway.core.errors import ArtifactRefused, NotFound, Unavailable
from slipway.model.gate_reports import GateReport, read_report
from slipway.model.registry import Registry

STATES = {
    "training": "is being trained",
    "gate": "is at the gate",
    "shadow": "is scored in the shadow",
    "canary": "answers a share of the requests",
    "waiting": "waits for a person",
    "done": "has ended",
}


def retrainings_view(connection: Connection, model: str) -> list[dict[str, Any]]:
    """The newest first, each without its steps."""
    return [_summary(record) for record in retrainings_of(connection, model)]


def retraining_view(
    connection: Connection, registry: Registry | None, retraining_id: str
) -> dict[str, Any]:
    """One of them, with its steps and what the gate said. Raises NotFound."""
    record = find_retraining(connection, retraining_id)
    if record is None:
        raise NotFound("The log knows no retraining of this id.")
    steps = steps_of(connection, retraining_id)
    return {
        **_summary(record),
        "dataset": record.dataset,
        "steps": [_step(record, step) for step in steps],
        "gate": msgspec.to_builtins(gate_of(registry, record)),
    }


def gate_of(registry: Registry | None, record: Retraining) -> GateReport | None:
    """None where there is none, or the store is away."""
    if registry is None or not record.version:
        return None
    try:
        found = read_report(registry, record.model, record.version)
    except (ArtifactRefused, NotFound, Unavailable):
        return None
    return found if found is not None and found.retraining_id == record.retraining_id else None


def proposal_of(preparing: Preparing, model: str, now: float, *, whole: bool) -> dict[str, Any]:
    """What would be done now, and what stands against it. whole: as if a person had asked, with the
    training set that would be made."""
    try:
        trigger = preparing.trigger(model, now)
    except Unavailable as wrong:
        return {"trigger": None, "refused": str(wrong)}
    found: dict[str, Any] = {"trigger": None}
    if trigger is not None:
        found["trigger"] = {
            "kind": trigger.kind,
            "reason": trigger.reason,
            "figures": trigger.figures,
        }
    if not whole:
        return found
    try:
        prepared = preparing.prepare(model, trigger or Trigger("person", "asked"), now)
    except Refused as refused:
        return found | {"refused": refused.reason, "code": refused.code}
    parts: dict[str, int] = {}
    for row in prepared.made.rows:
        parts[row.part] = parts.get(row.part, 0) + 1
    return found | {
        "champion": prepared.alias.champion,
        "version": prepared.version,
        "rows": parts,
        "live": prepared.made.live,
        "left_out": {k: v for k, v in prepared.made.left_out.items() if v},
    }


def retraining_sentence(connection: Connection, model: str, now: float) -> str:
    """Of the open retraining in one sentence; empty where none is open."""
    record = next((r for r in open_retrainings(connection) if r.model == model and r.open), None)
    if record is None:
        return ""
    return f"{record.version} {STATES[record.state]}, for {ago(now - record.since)}."


def _summary(record: Retraining) -> dict[str, Any]:
    return {
        "id": record.retraining_id,
        "model": record.model,
        "champion": record.champion,
        "version": record.version,
        "kind": record.kind,
        "reason": record.reason,
        "state": record.state,
        "outcome": record.outcome,
        "started": iso(record.started),
        "changed": iso(record.changed),
        "until": iso(record.until),
        "took_seconds": record.changed - record.started,
    }


def _step(record: Retraining, step: Step) -> dict[str, Any]:
    return {
        "step": step.step,
        "time": iso(step.time),
        "after_seconds": step.time - record.started,
        "state": step.state,
        "outcome": step.outcome,
        "reason": step.reason,
        "figures": step.figures,
    }


def flat(figures: dict[str, Any], before: str = "") -> Sequence[tuple[str, str]]:
    """Nested numbers as lines for people: `challenger p95`, `0.0041`."""
    lines: list[tuple[str, str]] = []
    for name, value in figures.items():
        words = f"{before} {name}".strip().replace("_", " ")
        if isinstance(value, dict):
            lines += flat(value, words)
        elif isinstance(value, float):
            lines.append((words, f"{value:.4g}"))
        elif value is not None:
            lines.append((words, str(value)))
    return lines
