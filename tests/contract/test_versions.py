"""Two versions of an API side by side, from one handler."""

from datetime import UTC, datetime

import pytest
from flask import Blueprint, Flask, Response
from flask.testing import FlaskClient

from predictor import errors, versions
from predictor.answers import json_response
from predictor.observing import install
from predictor.request_context import current
from predictor.versions import ApiVersion, versioned
from support.application import make_parts

OLD = ApiVersion("1", datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC))
NEW = ApiVersion("3")
BOTH = (OLD, NEW)


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("test")
    install(app, make_parts())
    errors.install(app)
    versions.install(app, BOTH)
    bp = Blueprint("test", __name__)

    @versioned(bp, "/predict", BOTH)
    def predict() -> Response:
        return json_response({"answered_as": current().api_version})

    app.register_blueprint(bp)
    return app.test_client()


def test_one_handler_answers_both_versions(client: FlaskClient) -> None:
    for path, version in (("/v1/predict", "1"), ("/v3/predict", "3"), ("/predict", "3")):
        answer = client.post(path)
        assert answer.json == {"answered_as": version}
        assert answer.headers["X-API-Version"] == version


def test_the_old_version_says_until_when_it_is_answered(client: FlaskClient) -> None:
    answer = client.post("/v1/predict")
    assert answer.headers["Deprecation"] == "@1798761600"
    assert answer.headers["Sunset"] == "Thu, 01 Jul 2027 00:00:00 GMT"
    assert "Deprecation" not in client.post("/v3/predict").headers


def test_an_unversioned_request_may_ask_for_a_version(client: FlaskClient) -> None:
    old = client.post("/predict", headers={"X-API-Version": "1"})
    assert old.json == {"answered_as": "1"}
    assert "Sunset" in old.headers
    unknown = client.post("/predict", headers={"X-API-Version": "9"})
    assert unknown.status_code == 400
    assert unknown.json is not None
    assert unknown.json["error"] == "InvalidInput"
