"""The unchanged predictor serves tables: labels, numbers with their interval, ranges, unseen values."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from support.artifacts import put, trained_people
from support.people import PERSON, people_recipe
from support.predictor_process import RunningPredictor
from support.waiting import wait_until


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`people`, of which version 1.0.0 tells who buys, and `rents`, what they pay."""
    folder = tmp_path_factory.mktemp("tables")
    put(folder / "models", trained_people(folder))
    rents = msgspec.structs.replace(people_recipe("rent"), name="rents")
    put(folder / "models", trained_people(folder, rents))
    return folder / "models"


@pytest.fixture
def predictor(models: Path, start_predictor: Callable[..., RunningPredictor]) -> RunningPredictor:
    return start_predictor(builtin_models=str(models), default_model="people", auth="off")


def test_tables_are_served_by_the_unchanged_predictor(predictor: RunningPredictor) -> None:
    body = predictor.post("/v1/predict", PERSON).json()
    assert body["prediction"] in ("yes", "no")
    assert sum(body["probabilities"].values()) == pytest.approx(1)
    number = predictor.post("/v1/models/rents/predict", PERSON).json()
    low, high = number["interval"]
    assert low <= number["prediction"] <= high
    assert "confidence" not in number
    assert "probabilities" not in number
    several = {"instances": [PERSON, {"age": 70, "gender": "F"}]}
    together = predictor.post("/v1/models/rents/predict", several).json()["predictions"]
    assert together[0]["prediction"] == pytest.approx(number["prediction"], abs=1e-6, rel=0)
    wrong = predictor.post("/v1/predict", PERSON | {"age": 121, "gender": "X"})
    assert wrong.status_code == 400
    assert [problem["field"] for problem in wrong.json()["details"]] == ["age", "gender"]
    assert predictor.post("/v1/predict", PERSON | {"city": "Atlantis"}).status_code == 200
    labels = 'feature="city",model="people",role="champion",version="1.0.0"'
    counted = f"slipway_predictor_unseen_categories_total{{{labels}}}"
    wait_until(lambda: f"{counted} 1.0" in predictor.metrics())
