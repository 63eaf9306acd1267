"""What callers see, and what they do not see, of a challenger."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client import Counter

from predictor.parts import Parts
from predictor.serving import LoadedRole, Served
from slipway.core.errors import DeadlineExceeded
from slipway.model.families.base import Inputs, Scores
from slipway.model.runtime import Model
from support.application import bearer, client_of, make_parts, write_keys
from support.fake_model import TABLE, TEXT, FakeFamily, fake_model
from support.waiting import wait_until

TEXTS = {"message": "win"}
UNPINNED = ("/predict", "/v1/predict", "/v1/models/spam/predict")


@dataclass
class OtherFamily(FakeFamily):
    """Says the opposite of a FakeFamily. failure: what its forward raises instead."""

    failure: Exception | None = None

    def forward(self, inputs: Inputs) -> Scores:
        if self.failure is not None:
            raise self.failure
        return 1 - super().forward(inputs)


def challenged(
    weight: float,
    role: LoadedRole = "canary",
    *,
    ends_at: float | None = None,
    failure: Exception | None = None,
    name: str = "spam",
    shadow_weight: float = 0.0,
    **settings: Any,
) -> Parts:
    """Parts whose champion 1.0.0 is challenged by 2.0.0."""
    signature = TEXT if name == "spam" else TABLE
    champion = fake_model(name, "1.0.0", signature)
    family = OtherFamily(signature, failure=failure)
    manifest = fake_model(name, "2.0.0", signature).manifest
    challenger = Model(manifest, "1" * 64, signature, {}, {}, family, family.forward, "cpu")
    parts = make_parts(champion, default_model=name, **settings)
    parts.models.replace(
        name,
        [
            Served(champion, "champion", 4),
            Served(challenger, role, 4, weight, ends_at, shadow_weight),
            Served(fake_model(name, "0.9.0", signature), "previous", 4),
        ],
    )
    return parts


def versions(client: FlaskClient, path: str, headers: Sequence[dict[str, str]]) -> list[str]:
    return [
        client.post(path, json=TEXTS, headers=each).get_json()["model_version"] for each in headers
    ]


def count(counter: Counter, **labels: str) -> float:
    """The sum of a counter's samples with these labels."""
    return sum(
        sample.value
        for sample in counter.collect()[0].samples
        if sample.name.endswith("_total") and labels.items() <= sample.labels.items()
    )


@pytest.mark.parametrize("path", UNPINNED)
def test_an_answer_names_the_version_that_gave_it(path: str) -> None:
    answer = client_of(challenged(1.0)).post(path, json=TEXTS).get_json()
    assert (answer["model_version"], answer["prediction"]) == ("2.0.0", "not_spam")


def test_the_inference_protocol_is_answered_by_the_canary_unless_a_version_is_named() -> None:
    client = client_of(challenged(1.0))
    body = {"inputs": [{"name": "message", "shape": [1], "datatype": "BYTES", "data": ["win"]}]}
    assert client.post("/v2/models/spam/infer", json=body).get_json()["model_version"] == "2.0.0"
    pinned = client.post("/v2/models/spam/versions/1.0.0/infer", json=body).get_json()
    assert pinned["model_version"] == "1.0.0"


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0", "0.9.0"])
@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_who_names_a_version_gets_it_whatever_is_rolled_out(version: str, weight: float) -> None:
    client = client_of(challenged(weight))
    answer = client.post(f"/v1/models/spam/versions/{version}/predict", json=TEXTS).get_json()
    assert answer["model_version"] == version


def test_an_explanation_is_the_champions() -> None:
    answer = client_of(challenged(1.0)).post("/v1/explain", json=TEXTS).get_json()
    assert answer["model_version"] == "1.0.0"


def test_what_a_canary_answered_is_explained_by_its_version() -> None:
    path = "/v1/models/spam/versions/2.0.0/explain"
    answer = client_of(challenged(1.0)).post(path, json=TEXTS).get_json()
    assert (answer["model_version"], answer["prediction"]) == ("2.0.0", "not_spam")


def test_one_client_is_answered_by_one_version() -> None:
    client = client_of(challenged(0.5))
    clients = [{"X-Client-ID": f"client-{number}"} for number in range(40)]
    first = versions(client, "/predict", clients)
    assert set(first) == {"1.0.0", "2.0.0"}
    for path in UNPINNED:
        assert versions(client, path, clients) == first


def test_a_key_counts_more_than_what_a_client_calls_itself(tmp_path: Any) -> None:
    keys = write_keys(tmp_path / "keys", **{f"k{number}": "predict" for number in range(12)})
    client = client_of(challenged(0.5, auth="on", api_keys_file=tmp_path / "keys"))
    for key in keys.values():
        asked = [bearer(key) | {"X-Client-ID": f"client-{number}"} for number in range(10)]
        assert len(set(versions(client, "/predict", asked))) == 1


def test_without_key_or_client_it_is_decided_by_request() -> None:
    client = client_of(challenged(0.5))
    assert set(versions(client, "/predict", [{}] * 60)) == {"1.0.0", "2.0.0"}
    again = [{"X-Request-ID": "r-1"}] * 5
    assert len(set(versions(client, "/predict", again))) == 1


def test_a_canary_ends_by_itself() -> None:
    client = client_of(challenged(1.0, ends_at=1.0))
    assert versions(client, "/predict", [{}] * 10) == ["1.0.0"] * 10


def test_a_canary_that_raises_is_answered_for_by_the_champion() -> None:
    parts = challenged(1.0, failure=RuntimeError("broken"))
    client = client_of(parts)
    answers = [client.post("/predict", json=TEXTS) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.get_json()["prediction"] for answer in answers} == {"spam"}
    assert {answer.get_json()["model_version"] for answer in answers} == {"1.0.0"}
    assert count(parts.metrics.challenger.failures, role="canary", reason="raised") == 20


def test_a_canary_that_is_too_late_is_counted_and_nobody_is_asked_after_the_deadline() -> None:
    parts = challenged(1.0, failure=DeadlineExceeded("late"))
    assert client_of(parts).post("/predict", json=TEXTS).status_code == 504
    assert count(parts.metrics.challenger.failures, role="canary", reason="late") == 1


def test_a_bad_request_is_refused_as_the_champion_would() -> None:
    parts = challenged(1.0)
    assert client_of(parts).post("/predict", json={"message": 3}).status_code == 400


def test_the_log_line_says_which_version_answered_and_as_what(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "predictor.request"):
        client_of(challenged(1.0)).post("/predict", json=TEXTS)
        client_of(challenged(0.0)).post("/predict", json=TEXTS)
    lines = [vars(record) for record in caplog.records if record.getMessage() == "request"]
    assert [(line["version"], line["role"]) for line in lines] == [
        ("2.0.0", "canary"),
        ("1.0.0", "champion"),
    ]


def test_metadata_tells_of_the_challenger_its_share_and_its_end() -> None:
    found = client_of(challenged(0.25, ends_at=4e9)).get("/metadata").get_json()
    roles = {each["model_version"]: each for each in found["models"]["spam"]["versions"]}
    assert roles["2.0.0"]["role"] == "canary"
    assert roles["2.0.0"]["weight"] == 0.25
    assert roles["2.0.0"]["expires_at"].startswith("2096-")
    assert "weight" not in roles["1.0.0"] and "shadow_weight" not in roles["2.0.0"]
    both = client_of(challenged(0.25, shadow_weight=0.5)).get("/metadata").get_json()
    assert both["models"]["spam"]["versions"][1]["shadow_weight"] == 0.5
    assert found["model_version"] == "1.0.0"


def test_a_shadow_scores_what_the_champion_answered_and_no_caller_notices() -> None:
    parts = challenged(1.0, "shadow")
    client = client_of(parts)
    answer = client.post("/predict", json={"instances": [TEXTS, {"message": "hi"}]}).get_json()
    assert answer["model_version"] == "1.0.0"
    assert parts.shadow.score_next() > 0
    compared = parts.metrics.challenger.compared
    pairs = {
        (s.labels["champion_class"], s.labels["challenger_class"], s.labels["agrees"])
        for s in compared.collect()[0].samples
        if s.name.endswith("_total") and s.value
    }
    assert pairs == {("spam", "not_spam", "no"), ("not_spam", "spam", "no")}


def test_a_canary_also_scores_what_the_champion_answers_and_what_it_answered_only_once() -> None:
    parts = challenged(0.5, shadow_weight=1.0)
    client = client_of(parts)
    told = versions(client, "/predict", [{"X-Client-ID": f"c-{number}"} for number in range(40)])
    scored = 0
    while parts.shadow.score_next() > 0:
        scored += 1
    assert 0 < scored == told.count("1.0.0") < 40


def test_a_canary_that_raises_has_failed_once_not_in_the_shadow_too() -> None:
    parts = challenged(1.0, shadow_weight=1.0, failure=RuntimeError("broken"))
    assert client_of(parts).post("/predict", json=TEXTS).status_code == 200
    assert parts.shadow.score_next() == 0
    assert count(parts.metrics.challenger.failures) == 1


def test_of_numbers_the_difference_is_shown() -> None:
    parts = challenged(1.0, "shadow", name="houses")
    row = {"age": 41, "work": "public", "town": "winchester"}
    client_of(parts).post("/predict", json=row)
    parts.shadow.score_next()
    samples = parts.metrics.challenger.difference.collect()[0].samples
    total = next(s.value for s in samples if s.name.endswith("_sum"))
    assert total == pytest.approx(80.0, abs=1e-3)


def test_a_share_of_the_requests_is_scored_in_the_shadow() -> None:
    parts = challenged(0.3, "shadow")
    client = client_of(parts)
    for number in range(300):
        client.post("/predict", json=TEXTS, headers={"X-Request-ID": f"r-{number}"})
    scored = 0
    while parts.shadow.score_next() > 0:
        scored += 1
    assert 60 <= scored <= 120  # 90 expected, four deviations


def test_what_the_shadow_cannot_keep_up_with_is_dropped_and_counted() -> None:
    parts = challenged(1.0, "shadow", shadow_buffer_rows=5)
    client = client_of(parts)
    assert {client.post("/predict", json=TEXTS).status_code for _ in range(20)} == {200}
    assert count(parts.metrics.challenger.dropped, reason="buffer_full") == 15


def test_a_shadow_that_raises_is_counted_and_no_caller_notices() -> None:
    parts = challenged(1.0, "shadow", failure=RuntimeError("broken"))
    assert client_of(parts).post("/predict", json=TEXTS).status_code == 200
    parts.shadow.score_next()
    assert count(parts.metrics.challenger.failures, role="shadow", reason="raised") == 1


def test_a_shadow_that_never_comes_back_keeps_no_caller_waiting() -> None:
    parts = challenged(1.0, "shadow")
    challenger = parts.models.challenger("spam")
    assert challenger is not None
    family = challenger.model.family
    assert isinstance(family, OtherFamily)
    family.open.clear()
    parts.shadow.start()
    try:
        client = client_of(parts)
        assert {client.post("/predict", json=TEXTS).status_code for _ in range(50)} == {200}
        wait_until(lambda: family.forwards == 1, what="the shadow has begun with one of them")
    finally:
        family.open.set()
        parts.shadow.stop()


def test_the_shadow_stands_still_while_requests_wait_for_a_place() -> None:
    parts = challenged(1.0, "shadow", max_in_flight=1)
    client_of(parts).post("/predict", json=TEXTS)
    parts.admission.enter()
    waiting = threading.Thread(target=parts.admission.enter)
    waiting.start()
    wait_until(lambda: parts.admission.waiting == 1)
    assert parts.shadow.step() > 0
    assert count(parts.metrics.challenger.compared) == 0
    parts.admission.leave()
    waiting.join(10)
    parts.shadow.step()
    assert count(parts.metrics.challenger.compared) == 1


def test_the_shadow_rests_for_longer_while_several_requests_are_answered() -> None:
    parts = challenged(1.0, "shadow", shadow_load=0.5)
    client_of(parts).post("/predict", json=TEXTS)
    for _ in range(3):
        parts.admission.enter()
    began = time.perf_counter()
    rest = parts.shadow.step()
    took = time.perf_counter() - began
    assert count(parts.metrics.challenger.compared) == 1
    assert 2 * took < rest <= 20 * took


def test_the_shadow_rests_so_that_it_takes_no_more_than_its_share_of_a_core() -> None:
    parts = challenged(1.0, "shadow", shadow_load=0.1)
    client_of(parts).post("/predict", json=TEXTS)
    began = time.perf_counter()
    rest = parts.shadow.step()
    assert 0 < rest <= 9 * (time.perf_counter() - began)
