"""A user adds a model by writing a recipe, and nothing else: hourly bike rentals."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from slipway.model.loading import load
from slipway.model.registry import version_directory
from slipway.model.validation import checked_instance
from support.predictor_process import REPOSITORY

EXAMPLE = REPOSITORY / "docs" / "recipes.md"
HOUR = {
    "yr": 1,
    "season": "3",
    "hr": 17,
    "weekday": "5",
    "workingday": "1",
    "weathersit": "1",
    "temp": 0.7,
    "hum": 0.5,
}


def recipe_in_the_docs() -> str:
    """The first whole recipe that docs/recipes.md shows."""
    return EXAMPLE.read_text("utf-8").split("```toml\n", 1)[1].split("```", 1)[0]


@pytest.mark.slow
def test_the_recipe_in_the_docs_trains_a_model_of_bike_rentals(
    tmp_path: Path, data_folder: Path
) -> None:
    (tmp_path / "bikes.toml").write_text(recipe_in_the_docs(), "utf-8")
    command = [
        *(sys.executable, "-m", "slipway", "train", str(tmp_path / "bikes.toml")),
        *("--data", str(data_folder), "--models", str(tmp_path / "models"), "--promote"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    directory = version_directory(tmp_path / "models", "bikes", "1.0.0")
    metrics = json.loads((directory / "metrics.json").read_bytes())
    assert metrics["r2"]["value"] > 0.9
    assert metrics["interval_coverage"]["value"] == pytest.approx(0.9, abs=0.02)
    model = load(directory)
    busy, night = (
        model.predict([checked_instance(model.signature, HOUR | {"hr": hour})])[0]
        for hour in (17, 3)
    )
    assert float(busy.prediction) > 5 * float(night.prediction)
    explained = model.explain([checked_instance(model.signature, HOUR)])[0]
    largest = max(explained.contributions, key=lambda part: abs(part.contribution))
    assert largest.field == "hr"
    reference = json.loads((directory / "reference.json").read_bytes())
    assert reference["features"].keys() == HOUR.keys()
