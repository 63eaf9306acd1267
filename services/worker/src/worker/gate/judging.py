"""The whole gate: both models on the same rows, every check, one verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slipway.core.contracts.jobs import TrainingJob
from slipway.model.datasets.records import DatasetManifest, Row
from slipway.model.gate_reports import Check, GateReport, Outcome
from slipway.model.golden import GoldenRow
from slipway.model.runtime import Model
from worker.gate.checks import group_checks, holdout_check, key_check, newest_check
from worker.gate.scored import score
from worker.gate.serving_checks import golden_check, latency_check, signature_check, size_check


@dataclass(frozen=True)
class Contender:
    """A loaded version and its size. golden: its own golden rows."""

    model: Model
    golden: Sequence[GoldenRow]
    size_bytes: int


def judge(
    job: TrainingJob,
    manifest: DatasetManifest,
    rows: Sequence[Row],
    champion: Contender,
    challenger: Contender,
    now: datetime,
) -> GateReport:
    """rows: of the whole training set."""
    signature = signature_check(champion.model, challenger.model)
    if not signature.passed:
        return _report(job, [signature], 0.0, now)
    models = champion.model, challenger.model
    holdout = score(*models, [row for row in rows if row.part == "holdout"])
    newest = score(*models, [row for row in rows if row.part == "newest"])
    seen = expected_of(champion.model) if manifest.holdout_is_new else None
    checks = [
        signature,
        golden_check(challenger.model, champion.golden),
        holdout_check(holdout, seen),
        newest_check(newest, must_gain=job.must_gain),
        *(group_checks("truth", newest, lambda row: str(row.target)) if newest.labels else []),
        *group_checks("group", newest, lambda row: row.group or None),
        *group_checks("key", newest, lambda row: row.key_id),
        key_check(newest),
        latency_check(*models, [*newest.rows, *holdout.rows]),
        size_check(champion.size_bytes, challenger.size_bytes),
    ]
    disagreement = float(1 - newest.same.mean()) if len(newest) else 0.0
    return _report(job, checks, disagreement, now)


def expected_of(model: Model) -> dict[str, float] | None:
    """What held-back rows said of the model when it was trained: its accuracy. None of a regression."""
    figure: Any = model.metrics.get("accuracy")
    if not isinstance(figure, dict) or figure.get("value") is None:
        return None
    low, high = figure.get("interval", (figure["value"], figure["value"]))
    return {"value": float(figure["value"]), "low": float(low), "high": float(high)}


def failed(job: TrainingJob, reason: str, now: datetime) -> GateReport:
    """Of a training that made no version, or one that cannot be compared."""
    return _made(job, "failed", reason, [], 0.0, now)


def _report(
    job: TrainingJob, checks: list[Check], disagreement: float, now: datetime
) -> GateReport:
    wrong = [check for check in checks if not check.passed]
    if wrong:
        reason = " ".join(f"{check.name}: {check.said}" for check in wrong)
        return _made(job, "rejected", reason, checks, disagreement, now)
    newest = next((check for check in checks if check.name == "newest"), checks[0])
    return _made(job, "passed", newest.said, checks, disagreement, now)


def _made(
    job: TrainingJob,
    outcome: Outcome,
    reason: str,
    checks: list[Check],
    disagreement: float,
    now: datetime,
) -> GateReport:
    return GateReport(
        retraining_id=job.retraining_id,
        model=job.model,
        champion=job.champion,
        version=job.version,
        dataset=job.dataset,
        outcome=outcome,
        reason=reason,
        made_at=now.astimezone(UTC).isoformat(timespec="milliseconds"),
        checks=checks,
        disagreement=disagreement,
    )
