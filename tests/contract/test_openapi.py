"""The API's description: valid, complete, true, and a promise."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from predictor.app import create_app
from predictor.openapi.__main__ import built_in_document, major
from predictor.openapi.compatibility import breaking_changes
from support.application import client_of, make_parts
from support.predictor_process import MODELS, REPOSITORY

PROMISED = REPOSITORY / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def promised() -> Any:
    return json.loads(PROMISED.read_text("utf-8"))


def test_what_is_checked_in_is_what_the_code_makes(promised: Any) -> None:
    made = json.loads(json.dumps(built_in_document(MODELS)))
    broken = [] if major(made) != major(promised) else breaking_changes(promised, made)
    assert broken == [], "raise VERSION in predictor/openapi/document.py, or keep the promise"
    assert made == promised, "run: make openapi"


def test_the_description_is_valid_openapi(promised: Any) -> None:
    validate(promised)


def test_it_states_the_objectives_and_limits(promised: Any) -> None:
    stated = yaml.safe_load((REPOSITORY / "deploy/prometheus/slo/objectives.yml").read_text())
    operators = {slo["name"]: slo["objective"] / 100 for slo in stated["slos"]}
    objectives = promised["x-service-objectives"]
    assert objectives["availability"] == pytest.approx(operators["availability"])
    assert objectives["latency"]["share"] == pytest.approx(operators["latency"])
    assert objectives["latency"]["seconds"] == objectives["p95_seconds"] == 0.5
    assert (
        'le="0.5"'
        in next(s for s in stated["slos"] if s["name"] == "latency")["sli"]["events"]["error_query"]
    )
    assert promised["x-limits"]["max_instances"] == 1000
    rules = (REPOSITORY / "deploy/prometheus/rules/predictions.alerts.yml").read_text()
    assert "p95_5m > 0.5" in rules
    assert "99.9% of the predictions" in promised["info"]["description"]
    assert "ratio_rate5m > 0.01" in rules


def test_every_route_is_described_and_every_description_has_a_route() -> None:
    parts = make_parts()
    app = create_app(parts)
    document = app.test_client().get("/openapi.json").json
    assert document is not None
    described = {
        (path, method.upper()) for path, methods in document["paths"].items() for method in methods
    }
    adapter = app.url_map.bind("")
    for path, method in described:
        filled = path.replace("{name}", "spam").replace("{version}", "1.0.0")
        assert adapter.test(filled.replace("{batch_id}", "b"), method), (method, path)
    endpoints = {
        adapter.match(
            path.replace("{name}", "m").replace("{version}", "1").replace("{batch_id}", "b"), method
        )[0]
        for path, method in described
    }
    pages = {name for name in app.view_functions if name.startswith("pages.")}
    assert endpoints | pages >= set(app.view_functions)


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/models/houses/predict", "/v1/explain"])
def test_examples_are_real(path: str) -> None:
    client = client_of(make_parts())
    document = client.get("/openapi").json
    assert document is not None
    operation = document["paths"][path]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    answer = client.post(path, json=content["example"])
    assert answer.status_code == 200
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    Draft202012Validator(whole).validate(answer.json)
    Draft202012Validator({**content["schema"], "components": document["components"]}).validate(
        content["example"]
    )


def test_every_example_is_what_its_schema_says(promised: Any) -> None:
    found = 0
    for methods in promised["paths"].values():
        for operation in methods.values():
            contents = [operation.get("requestBody", {}), *operation["responses"].values()]
            for media in (m for c in contents for m in c.get("content", {}).values()):
                if "example" in media:
                    whole = {**media["schema"], "components": promised["components"]}
                    Draft202012Validator(whole).validate(media["example"])
                    found += 1
    assert found > 25


def test_every_body_and_every_answer_of_a_model_has_an_example(promised: Any) -> None:
    for path, methods in promised["paths"].items():
        for operation in methods.values():
            body = operation.get("requestBody", {}).get("content", {})
            assert all("example" in media for media in body.values()), path
            if body:
                good = next(a for s, a in operation["responses"].items() if s < "3")
                assert all("example" in media for media in good["content"].values()), path


def test_with_keys_on_each_protected_route_says_which_scope_it_needs(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")
    client = client_of(make_parts(auth="on", api_keys_file=tmp_path / "keys"))
    document = client.get("/openapi.json").json
    assert document is not None
    validate(document)
    assert "scope `predict`" in document["paths"]["/v1/predict"]["post"]["description"]
    assert "401" in document["paths"]["/v1/feedback"]["post"]["responses"]
    assert "security" not in document["paths"]["/ready"]["get"]
