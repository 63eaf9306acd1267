"""A training job makes a version and its gate report, once, wherever the last one was ended."""

import time
from datetime import UTC, datetime

import pytest

from monitor.models import Models
from monitor.prediction_log.opening import PredictionLog
from monitor.retraining.brakes import Brakes
from monitor.retraining.making_set import Bounds
from monitor.retraining.preparing import Preparing
from monitor.retraining.trigger import Trigger
from slipway.core.contracts.jobs import TrainingJob
from slipway.model.artifact import MANIFEST
from slipway.model.datasets.keeping import keep
from slipway.model.gate_reports import read_report
from slipway.model.promotion import promoted
from slipway.model.registry import Registry
from support.retraining import labelled_traffic
from worker.stopping import Abandoned
from worker.training import TrainingRunner

BOUNDS = Bounds(min_labels=200, newest_ratio=0.3, max_key_ratio=0.5)


def job_for(
    log: PredictionLog, registry: Registry, *, warm: bool = False, must_gain: bool = True
) -> TrainingJob:
    """Over the training set that the monitor would make of the log."""
    preparing = Preparing(log, Models(registry), registry, Brakes(0, 9), BOUNDS, 0.0, 1_000)
    made = preparing.prepare("spam", Trigger("quality", "worse"), time.time())
    dataset = keep(
        registry.store,
        made.recipe,
        made.made.rows,
        made_by="tests",
        now=datetime.now(UTC),
        parent=made.parent.digest,
        holdout_is_new=made.made.holdout_is_new,
    )
    return TrainingJob(
        schema=1,
        retraining_id="r-1",
        model="spam",
        champion="1.0.0",
        version=made.version,
        dataset=dataset.digest,
        why="worse",
        warm=warm,
        must_gain=must_gain,
        delivery=1,
    )


@pytest.mark.parametrize("warm", [False, True])
def test_a_challenger_that_learned_the_new_spam_passes(
    log: PredictionLog, registry: Registry, runner: TrainingRunner, warm: bool
) -> None:
    labelled_traffic(log, start=time.time() - 1000)
    job = job_for(log, registry, warm=warm)
    runner.run(job)
    report = read_report(registry, "spam", "1.1.0")
    assert report is not None and report.outcome == "passed", report
    checks = {check.name: check for check in report.checks}
    newest = checks["newest"].figures
    assert newest["n"] == 120 and newest["difference"] > 0.2 and newest["p_value"] < 0.001
    assert checks["holdout"].figures["n"] == 80
    assert {"signature", "golden rows", "latency", "size", "truth: spam"} <= checks.keys()
    stored = registry.version("spam", "1.1.0").manifest
    assert stored.parent == "1.0.0" and stored.made_by == "retraining r-1"


def test_the_same_job_again_changes_nothing(
    log: PredictionLog, registry: Registry, runner: TrainingRunner
) -> None:
    labelled_traffic(log, start=time.time() - 1000)
    job = job_for(log, registry)
    runner.run(job)
    before = {entry.key: registry.store.read(entry.key) for entry in registry.store.list()}
    runner.run(job)
    assert {entry.key: registry.store.read(entry.key) for entry in registry.store.list()} == before


def test_a_job_goes_on_where_a_killed_one_was(
    log: PredictionLog, registry: Registry, runner: TrainingRunner
) -> None:
    labelled_traffic(log, start=time.time() - 1000)
    job = job_for(log, registry)
    # Killed between a version's files: what lies there has no manifest, and is not ours byte by byte.
    registry.store.create(registry.version_key("spam", "1.1.0", "lineage.json"), b"{}")
    runner.run(job)
    manifest = registry.read("spam", "1.1.0", MANIFEST)
    # Killed before the report: the version is not trained again.
    registry.store.delete("models/spam/gates/1.1.0.json")
    runner.run(job)
    assert registry.read("spam", "1.1.0", MANIFEST) == manifest
    report = read_report(registry, "spam", "1.1.0")
    assert report is not None and report.outcome == "passed"


def test_a_worker_that_has_to_go_hands_the_job_back(
    log: PredictionLog, registry: Registry, runner: TrainingRunner
) -> None:
    labelled_traffic(log, start=time.time() - 1000)
    job = job_for(log, registry)
    runner.stopping.ask()
    runner.stopping.ask()
    with pytest.raises(Abandoned):
        runner.run(job)
    assert read_report(registry, "spam", "1.1.0") is None


def test_a_training_that_cannot_be_done_is_a_report_that_says_why(
    log: PredictionLog, registry: Registry, runner: TrainingRunner
) -> None:
    labelled_traffic(log, start=time.time() - 1000)
    job = job_for(log, registry)
    registry.store.delete(f"datasets/{job.dataset}/rows.ndjson")
    runner.run(job)
    report = read_report(registry, "spam", "1.1.0")
    assert report is not None and report.outcome == "failed"
    assert "The training failed: There is no datasets/" in report.reason


def test_a_champion_that_knows_the_traffic_is_not_replaced_by_its_equal(
    log: PredictionLog, registry: Registry, runner: TrainingRunner
) -> None:
    labelled_traffic(log, start=time.time() - 1000)
    runner.run(job_for(log, registry))
    newest = registry.newest("spam")
    registry.put("spam", promoted(newest, "1.1.0", who="t", now=datetime.now(UTC), why="t"))
    job = job_for(log, registry)
    job = TrainingJob(**(job.payload() | {"champion": "1.1.0", "retraining_id": "r-2"}))
    assert job.version == "1.2.0"
    runner.run(job)
    report = read_report(registry, "spam", "1.2.0")
    assert report is not None and report.outcome == "rejected"
    assert report.reason.startswith("newest: accuracy")
