"""The tabular families: what they learn, what they do with what they never saw, and that batches agree."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from slipway.core.errors import InvalidInput
from slipway.model.families.base import NotANumber
from slipway.model.loading import load
from slipway.model.runtime import Model
from slipway.model.signature import Instance
from slipway.model.validation import checked_instance
from support.artifacts import put, trained_people
from support.people import CITIES, PERSON, people_recipe

ROWS: list[dict[str, Any]] = [
    PERSON,
    {"age": 70, "gender": "F"},
    {"age": 18, "salary": 0, "city": "Atlantis", "gender": "F"},
    {"age": 120, "salary": 1e9, "city": "", "gender": "M"},
    *({"age": 20 + n, "salary": 3000 * n, "city": CITIES[n % 4], "gender": "M"} for n in range(40)),
]


@pytest.fixture(scope="module", params=["buys", "rent"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp(request.param)
    made = trained_people(folder, people_recipe(request.param, folds=3))
    return load(put(folder / "models", made))


def rows_for(model: Model) -> list[Instance]:
    return [checked_instance(model.signature, row) for row in ROWS]


def numbers_in(answer: Any) -> list[float]:
    if answer.interval:
        return [answer.prediction, *answer.interval]
    return list(answer.probabilities.values())


def test_rows_are_answered_alike_alone_and_in_a_batch(model: Model) -> None:
    rows = rows_for(model)
    for alone, together in zip(
        (model.predict([row])[0] for row in rows), model.predict(rows), strict=True
    ):
        assert numbers_in(alone) == pytest.approx(numbers_in(together), abs=1e-6, rel=0)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_scores_that_are_no_numbers_are_no_answer(model: Model, wrong: float) -> None:
    scores = model.forward(model.preprocess(rows_for(model)[:2]))
    scores[1, 0] = wrong
    with pytest.raises(NotANumber):
        model.postprocess(scores)


def test_joined_requests_are_answered_like_each_alone(model: Model) -> None:
    rows = rows_for(model)
    parts = [model.preprocess(rows[:1]), model.preprocess(rows[1:5]), model.preprocess(rows[5:])]
    joined = model.postprocess(model.forward(model.family.join(parts)))
    assert [numbers_in(a) for a in joined] == [
        pytest.approx(numbers_in(a), abs=1e-6, rel=0) for a in model.predict(rows)
    ]


def test_a_category_never_seen_is_answered_named_and_watched_as_such(model: Model) -> None:
    row = checked_instance(model.signature, PERSON | {"city": "Atlantis"})
    assert list(model.family.unseen(row)) == ["city"]
    assert model.family.monitored(row, np.zeros(0))["city"] == "(unseen)"
    assert len(model.predict([row])) == 1
    assert list(model.family.unseen(checked_instance(model.signature, PERSON))) == []


def test_values_out_of_range_are_refused(model: Model) -> None:
    for wrong in ({"age": 130}, {"age": 30.5}, {"salary": -1}, {"gender": "X"}):
        with pytest.raises(InvalidInput):
            checked_instance(model.signature, PERSON | wrong)


@pytest.mark.parametrize("row", ROWS[:6], ids=range(6))
def test_contributions_add_up_to_the_score_minus_the_base(
    model: Model, row: dict[str, Any]
) -> None:
    instance = checked_instance(model.signature, row)
    explanation = model.explain([instance])[0]
    answer = model.predict([instance])[0]
    total = sum(part.contribution for part in explanation.contributions)
    assert total == pytest.approx(explanation.score - explanation.base, abs=1e-6)
    shown = answer.prediction if model.signature.output.unit else answer.confidence
    assert explanation.score == pytest.approx(shown, abs=1e-6)
    assert [part.field for part in explanation.contributions] == ["age", "salary", "city", "gender"]


def test_what_decides_contributes_most(model: Model) -> None:
    rich = checked_instance(model.signature, PERSON | {"salary": 119000})
    parts = {p.field: abs(p.contribution) for p in model.explain([rich])[0].contributions}
    assert parts["salary"] > 5 * parts["gender"]


def test_the_reference_holds_every_feature_and_the_predictions(tmp_path: Path) -> None:
    for target in ("buys", "rent"):
        made = trained_people(tmp_path, people_recipe(target))
        reference = msgspec.json.decode(made.files["reference.json"])
        assert reference["features"]["salary"]["type"] == "number"
        assert reference["features"]["salary"]["missing"] > 0
        assert reference["features"]["city"]["counts"].keys() == set(CITIES)
        assert sum(reference["predictions"]["counts"]) > 0 if target == "rent" else True


def test_the_same_seed_and_data_give_the_same_bytes(tmp_path: Path) -> None:
    for target in ("buys", "rent"):
        first, second = (trained_people(tmp_path, people_recipe(target)).files for _ in range(2))
        assert {k: v for k, v in first.items() if k != "lineage.json"} == {
            k: v for k, v in second.items() if k != "lineage.json"
        }


def test_a_classifier_learns_and_tells_how_well(tmp_path: Path) -> None:
    made = trained_people(tmp_path, people_recipe("buys", folds=3), rows=800)
    assert made.metrics["folds_mean"]["accuracy"] > 0.8
    assert made.metrics["n"] == 800


def test_intervals_hold_as_many_rows_as_promised(tmp_path: Path) -> None:
    made = trained_people(tmp_path, people_recipe("rent", folds=4), rows=1200)
    low, high = made.metrics["interval_coverage"]["interval"]
    assert low <= 0.9 <= high
    assert made.metrics["r2"]["value"] > 0.7
