"""What breaks a client, and what does not."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from predictor.openapi.__main__ import main
from predictor.openapi.compatibility import breaking_changes
from predictor.openapi.document import make_document
from slipway.core.settings import PredictorSettings
from support.fake_model import TABLE, TEXT, fake_model
from support.predictor_process import REPOSITORY

Change = Callable[[Any], Any]
MODELS = {"spam": fake_model(), "houses": fake_model("houses", signature=TABLE)}


def document() -> Any:
    return json.loads(json.dumps(make_document(MODELS, PredictorSettings())))


def schema(document: Any, name: str) -> Any:
    return document["components"]["schemas"][name]


def predict(document: Any) -> Any:
    return document["paths"]["/v1/predict"]["post"]


BREAKING: dict[str, Change] = {
    "POST /predict is gone": lambda d: d["paths"].pop("/predict"),
    "DELETE /v1/batches/{batch_id} is gone": lambda d: d["paths"]["/v1/batches/{batch_id}"].pop(
        "delete"
    ),
    "POST /v1/predict no longer answers 200": lambda d: predict(d)["responses"].pop("200"),
    ".request_id is gone": lambda d: [
        form["properties"].pop("request_id") for form in schema(d, "SpamAnswer")["anyOf"]
    ],
    ".prediction is optional now": lambda d: schema(d, "HousesPrediction")["required"].clear(),
    ".confidence has another type": lambda d: schema(d, "SpamPrediction")["properties"][
        "confidence"
    ].update(type="string"),
    ".prediction has other values": lambda d: schema(d, "SpamPrediction")["properties"][
        "prediction"
    ]["enum"].append("maybe"),
    ".message is gone": lambda d: schema(d, "SpamInstance")["properties"].pop("message"),
    ".hours is required now": lambda d: schema(d, "HousesInstance")["required"].append("hours"),
    ".age has a lower maximum": lambda d: schema(d, "HousesInstance")["properties"]["age"].update(
        maximum=99
    ),
    ".age has a higher minimum": lambda d: schema(d, "HousesInstance")["properties"]["age"].update(
        minimum=1
    ),
    ".message has a lower maxLength": lambda d: schema(d, "SpamInstance")["properties"][
        "message"
    ].update(maxLength=10),
    ".hours has another type": lambda d: schema(d, "HousesInstance")["properties"]["hours"].update(
        type="integer"
    ),
    ".work takes fewer values": lambda d: schema(d, "HousesInstance")["properties"]["work"][
        "enum"
    ].pop(),
    ".instances has a lower maxItems": lambda d: schema(d, "SpamInstances")["properties"][
        "instances"
    ].update(maxItems=10),
    "takes fewer forms": lambda d: schema(d, "SpamRequest")["oneOf"].pop(),
    "needs the parameter tenant now": lambda d: (
        predict(d)
        .setdefault("parameters", [])
        .append({"name": "tenant", "in": "query", "required": True, "schema": {}})
    ),
    "has no application/json any more": lambda d: predict(d)["requestBody"].update(content={}),
}

HARMLESS: dict[str, Change] = {
    "a route more": lambda d: d["paths"].update({"/new": {"get": {"responses": {}}}}),
    "an optional field more": lambda d: schema(d, "SpamInstance")["properties"].update(
        sender={"type": "string"}
    ),
    "a field more in the answer": lambda d: schema(d, "Accepted")["properties"].update(
        refused={"type": "integer"}
    ),
    "a wider range": lambda d: schema(d, "HousesInstance")["properties"]["age"].update(maximum=150),
    "a value more that is taken": lambda d: schema(d, "HousesInstance")["properties"]["work"][
        "enum"
    ].append("none"),
    "a field that may be left out now": lambda d: schema(d, "HousesInstance")["required"].remove(
        "age"
    ),
    "a form more": lambda d: schema(d, "SpamRequest")["oneOf"].append({"type": "array"}),
    "another error": lambda d: predict(d)["responses"].update({"418": {"description": "x"}}),
    "other words": lambda d: predict(d).update(summary="Ask."),
}


def test_the_same_description_breaks_nothing() -> None:
    assert breaking_changes(document(), document()) == []


@pytest.mark.parametrize("expected", BREAKING)
def test_a_breaking_change_is_named(expected: str) -> None:
    old, new = document(), document()
    BREAKING[expected](new)
    assert any(expected in found for found in breaking_changes(old, new)), breaking_changes(
        old, new
    )


@pytest.mark.parametrize("name", HARMLESS)
def test_what_clients_do_not_notice_is_no_breaking_change(name: str) -> None:
    old, new = document(), document()
    HARMLESS[name](new)
    assert breaking_changes(old, new) == []


def test_a_promise_is_not_overwritten_by_what_breaks_it_unless_the_version_is_raised(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    target = tmp_path / "openapi.json"
    monkeypatch.setattr("sys.argv", ["openapi", str(target)])
    main()
    made = json.loads(target.read_text())
    promised = copy.deepcopy(made)
    promised["paths"]["/v1/gone"] = {"get": {"responses": {}}}
    target.write_text(json.dumps(promised))
    with pytest.raises(SystemExit, match="GET /v1/gone is gone"):
        main()
    promised["info"]["version"] = "0.9.0"
    target.write_text(json.dumps(promised))
    main()
    assert json.loads(target.read_text()) == made


def test_a_text_model_alone_is_described_too() -> None:
    made = make_document({"spam": fake_model(signature=TEXT)}, PredictorSettings())
    assert "/v1/models/spam/predict" in made["paths"]
