"""The quality that is promised, on the real SMS Spam Collection."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from slipway.model.registry import version_directory
from slipway.model.training.readers import read_rows
from slipway.model.training.recipe import read_recipe
from slipway.model.training.train import Request, train
from support.predictor_process import MODELS, REPOSITORY

SHIPPED = version_directory(MODELS, "spam", "1.0.0")


@pytest.mark.slow
def test_five_folds_of_the_real_messages_reach_what_is_promised(data_folder: Path) -> None:
    recipe = read_recipe(REPOSITORY / "recipes" / "spam.toml")
    rows = read_rows(recipe, data_folder)
    request = Request(
        version="1.0.0", seed=20261123, now=datetime.now(UTC), commit=None, why="test"
    )
    made = train(recipe, rows, request, lambda *_: None)
    means = made.metrics["folds_mean"]
    assert means["accuracy"] >= 0.987
    assert means["per_class"]["spam"]["f1"] >= 0.955
    assert means["per_class"]["spam"]["false_positive_rate"] <= 0.003
    assert means["expected_calibration_error"] <= 0.02
    shipped = json.loads((SHIPPED / "metrics.json").read_bytes())["folds_mean"]
    assert shipped["accuracy"] == pytest.approx(means["accuracy"], abs=0.002)


def test_the_shipped_model_is_small_and_carries_its_figures() -> None:
    size = sum(path.stat().st_size for path in SHIPPED.iterdir())
    metrics = json.loads((SHIPPED / "metrics.json").read_bytes())
    assert size <= 3_000_000
    assert len(metrics["folds"]) == 5
    assert metrics["n"] == 4126
