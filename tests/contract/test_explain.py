"""POST /v1/explain: the answer, and what it is made of."""

import pytest

from support.application import client_of, make_parts
from support.predictor_process import RunningPredictor

TEXT = "Congratulations! You have won a free iPhone."


def test_contributions_add_up_to_the_score_minus_the_base(predictor: RunningPredictor) -> None:
    answer = predictor.post("/v1/explain", {"message": TEXT})
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() > {"prediction", "confidence", "probabilities", "request_id", "explanation"}
    explanation = body["explanation"]
    total = sum(part["contribution"] for part in explanation["contributions"])
    assert total == pytest.approx(body["confidence"] - explanation["base"], abs=1e-6)
    assert explanation["score"] == pytest.approx(body["confidence"], abs=1e-6)
    for part in explanation["contributions"]:
        if "start" in part:
            assert TEXT[part["start"] : part["end"]] == part["text"]


def test_the_answer_is_that_of_a_prediction(predictor: RunningPredictor) -> None:
    explained = predictor.post("/v1/explain", {"message": TEXT}).json()
    predicted = predictor.post("/v1/predict", {"message": TEXT}).json()
    assert explained["probabilities"] == pytest.approx(predicted["probabilities"], abs=1e-6)


def test_several_are_explained_each_beside_its_answer() -> None:
    client = client_of(make_parts())
    rows = {"instances": [{"age": 41, "work": "public"}, {"age": 1, "work": "private"}]}
    answer = client.post("/v1/models/houses/explain", json=rows).json
    assert answer is not None
    assert [row["explanation"]["method"] for row in answer["predictions"]] == ["fake", "fake"]


def test_only_a_few_are_explained_at_once() -> None:
    client = client_of(make_parts(max_explained=2))
    refused = client.post("/v1/explain", json={"instances": [{"message": "a"}] * 3})
    assert refused.status_code == 413
