"""The quality that is promised of the sentiment recipe, on the real review sentences and movie snippets."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from slipway.model.artifact import write
from slipway.model.loading import load
from slipway.model.training.readers import read_rows
from slipway.model.training.recipe import read_recipe
from slipway.model.training.train import Request, train
from support.predictor_process import REPOSITORY


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_five_folds_of_real_reviews_reach_what_is_promised(
    data_folder: Path, tmp_path: Path
) -> None:
    recipe = read_recipe(REPOSITORY / "recipes" / "sentiment.toml")
    rows = read_rows(recipe, data_folder)
    request = Request(
        version="1.0.0", seed=20261123, now=datetime.now(UTC), commit=None, why="test"
    )
    made = train(recipe, rows, request, lambda *_: None)
    groups = made.metrics["groups"]
    assert groups["review sentences"]["folds_mean"]["accuracy"] >= 0.84
    assert groups["movie snippets"]["folds_mean"]["accuracy"] >= 0.79
    assert made.metrics["folds_mean"]["expected_calibration_error"] <= 0.05
    assert sum(map(len, made.files.values())) <= 10_000_000
    write(tmp_path / "sentiment", made.manifest, made.files)
    (answer,) = load(tmp_path / "sentiment").predict([{"text": "I loved this movie!"}])
    assert answer.prediction == "positive"
    assert (answer.confidence or 0) > 0.7


def test_both_kinds_of_files_are_read(data_folder: Path) -> None:
    rows = read_rows(read_recipe(REPOSITORY / "recipes" / "sentiment.toml"), data_folder)
    assert rows.groups.count("review sentences") == 2380
    assert rows.groups.count("movie snippets") == 8530
    assert 0.49 < list(rows.targets).count("positive") / len(rows) < 0.51
