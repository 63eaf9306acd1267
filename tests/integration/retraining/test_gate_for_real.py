"""The gate over versions that were really trained or packaged, each with its real forward."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from slipway.core.contracts.jobs import TrainingJob
from slipway.core.shared_settings import StoreSettings
from slipway.model.artifact import write
from slipway.model.datasets.keeping import keep
from slipway.model.datasets.records import Row
from slipway.model.gate_reports import GateReport, read_report
from slipway.model.loading import load
from slipway.model.registry import Registry, open_registry, version_directory
from slipway.model.training.dataset_rows import as_dataset
from slipway.model.training.readers import read_rows
from slipway.model.training.recipe import Data, Evaluation, Recipe, Target
from slipway.model.transfer import publish
from support.artifacts import NOW, trained_people
from support.examples import MODELS, TEAM, package, run_example
from support.people import SMALL, people_recipe
from worker.training import TrainingRunner

LEAKS = next(example for example in MODELS if example.name == "leaks")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    (tmp_path / "store").mkdir()
    return open_registry(StoreSettings(store_url=(tmp_path / "store").as_uri()))


def judged(
    runner: TrainingRunner, registry: Registry, recipe: Recipe, rows: Sequence[Row]
) -> GateReport:
    """What a training of version 1.1.0 by this recipe comes to, beside the champion 1.0.0."""
    dataset = keep(registry.store, recipe, rows, made_by="tests", now=NOW)
    job = TrainingJob(
        schema=1,
        retraining_id="r-1",
        model=recipe.name,
        champion="1.0.0",
        version="1.1.0",
        dataset=dataset.digest,
        why="test",
        warm=False,
        must_gain=False,
        delivery=1,
    )
    runner.run(job)
    report = read_report(registry, recipe.name, "1.1.0")
    assert report is not None
    return report


def parted(rows: Sequence[Row]) -> list[Row]:
    """Every fourth row is the holdout's, every fourth the newest traffic."""
    parts = ("training", "training", "holdout", "newest")
    return [msgspec.structs.replace(row, part=parts[number % 4]) for number, row in enumerate(rows)]


def test_a_much_bigger_network_is_rejected_for_its_latency_which_the_reason_names(
    tmp_path: Path, registry: Registry, runner: TrainingRunner
) -> None:
    champion = trained_people(tmp_path)
    write(tmp_path / "made", champion.manifest, champion.files)
    publish(registry, tmp_path / "made")
    big = {"dimensions": 4, "members": 1, "width": 2048, "layers": 5}
    recipe = people_recipe(shape=big, training=SMALL["training"] | {"epochs": 1})
    rows = as_dataset(read_rows(recipe, tmp_path), np.array([], dtype=np.int64))
    report = judged(runner, registry, recipe, parted(rows))
    checks = {check.name: check for check in report.checks}
    latency = checks["latency"]
    assert report.outcome == "rejected" and not latency.passed
    assert f"latency: {latency.said}" in report.reason and "the champion" in latency.said
    assert latency.figures["challenger_seconds"] > latency.figures["allowed_seconds"]


@pytest.mark.parametrize("allowed", [(), ("teamnet",)], ids=["no package", "the team's package"])
def test_a_teams_own_module_is_a_champion_where_its_package_is_allowed(
    tmp_path: Path,
    registry: Registry,
    runner: TrainingRunner,
    monkeypatch: pytest.MonkeyPatch,
    allowed: Sequence[str],
) -> None:
    monkeypatch.syspath_prepend(str(TEAM))
    (tmp_path / "made").mkdir()
    run_example(LEAKS.folder, tmp_path / "made")
    package(tmp_path / "made", LEAKS, tmp_path / "models")
    directory = version_directory(tmp_path / "models", "leaks", "1.0.0")
    publish(registry, directory)
    champion = load(directory, module_packages={"teamnet"})
    instances = LEAKS.rows(tmp_path / "made")
    rows = [
        Row(instance, answer.prediction)
        for instance, answer in zip(instances, champion.predict(instances), strict=True)
    ]
    recipe = Recipe(
        name="leaks",
        family="tabular-classifier",
        description="for tests",
        data=Data("csv", path="leaks.csv"),
        target=Target("leaks", {"no": "no", "yes": "yes"}),
        inputs=tuple(msgspec.to_builtins(field) for field in champion.signature.inputs),
        evaluation=Evaluation(folds=0),
        hyperparameters=SMALL,
        golden=tuple(instances[:3]),
    )
    runner = replace(runner, module_packages=allowed)
    report = judged(runner, registry, recipe, parted(rows))
    if allowed:
        assert report.outcome in ("passed", "rejected")
        assert {"holdout", "newest", "latency"} <= {check.name for check in report.checks}
    else:
        assert report.outcome == "failed" and "SLIPWAY_MODULE_PACKAGES" in report.reason
