"""Who may call which route, with keys switched on."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from support.application import bearer, client_of, make_parts, write_keys

PROTECTED = {
    "/v1/predict": "predict",
    "/predict": "predict",
    "/v1/models/spam/predict": "predict",
    "/v1/models/spam/versions/1.0.0/predict": "predict",
    "/metadata": "predict",
    "/info": "predict",
}
PROTECTED |= {"/v1/explain": "predict", "/v1/models/spam/explain": "predict"}
PROTECTED |= {"/v1/models/spam/versions/1.0.0/explain": "predict"}
PUBLIC = ["/health", "/live", "/ready"]
BODY = {"message": "hello"}


class Callers:
    """A client and the keys that it may show."""

    def __init__(self, folder: Path) -> None:
        path = folder / "keys"
        self.keys = write_keys(
            path, predict="predict", batch="batch", feedback="feedback", admin="admin"
        )
        self.client: FlaskClient = client_of(make_parts(auth="on", api_keys_file=path))

    def status(self, path: str, headers: dict[str, str]) -> int:
        get = PROTECTED.get(path) and path in ("/metadata", "/info")
        call = self.client.get if get or path in PUBLIC else self.client.post
        options = {} if get or path in PUBLIC else {"json": BODY}
        return call(path, headers=headers, **options).status_code


@pytest.fixture
def callers(tmp_path: Path) -> Callers:
    return Callers(tmp_path)


@pytest.mark.parametrize("path", PROTECTED)
def test_a_protected_route_answers_each_key_as_it_should(callers: Callers, path: str) -> None:
    needed = PROTECTED[path]
    assert callers.status(path, {}) == 401
    assert callers.status(path, bearer("slipway_wrong")) == 401
    for name, key in callers.keys.items():
        expected = 200 if name in (needed, "admin") else 403
        assert callers.status(path, bearer(key)) == expected, name


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_route_asks_for_no_key(callers: Callers, path: str) -> None:
    assert callers.status(path, {}) == 200
    assert callers.status(path, bearer("slipway_wrong")) == 200


def test_x_api_key_is_as_good_as_authorization(callers: Callers) -> None:
    assert callers.status("/v1/predict", {"X-API-Key": callers.keys["predict"]}) == 200


def test_a_missing_key_is_told_how_to_show_one(callers: Callers) -> None:
    answer = callers.client.post("/v1/predict", json=BODY)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json is not None
    assert answer.json["error"] == "Unauthorized"


def test_what_is_nowhere_stays_not_found_without_a_key(callers: Callers) -> None:
    assert callers.client.get("/nowhere").status_code == 404
    assert callers.client.get("/v1/predict").status_code == 405


def test_with_keys_switched_off_everybody_may_call() -> None:
    assert client_of(make_parts()).post("/v1/predict", json=BODY).status_code == 200
