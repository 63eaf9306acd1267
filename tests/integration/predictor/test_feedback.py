"""POST /v1/feedback against a real Redis."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from slipway.core.contracts.labels import Label, label_from_json
from slipway.core.contracts.reading import ENTRY_FIELD
from slipway.core.redis_keys import LABELS
from support.application import bearer, client_of, make_parts, write_keys
from support.redis_server import RedisServer

ONE = {"request_id": "r-1", "label": "spam"}


def kept(redis_server: RedisServer) -> list[Label]:
    with redis_server.client() as client:
        entries: Any = client.xrange(LABELS)
        return [label_from_json(fields[ENTRY_FIELD.encode()]) for _, fields in entries]


@pytest.fixture
def client(redis_server: RedisServer) -> FlaskClient:
    return client_of(make_parts(redis_url=redis_server.url))


def test_a_label_is_on_the_stream_when_the_caller_is_told_so(
    client: FlaskClient, redis_server: RedisServer
) -> None:
    given = {**ONE, "index": 2.0, "instance": {"message": "hello"}}
    answer = client.post("/v1/feedback", json=given)
    assert (answer.status_code, answer.json) == (202, {"accepted": 1})
    (label,) = kept(redis_server)
    assert (label.request_id, label.label, label.index) == ("r-1", "spam", 2)
    assert (label.instance, label.key_id, label.admin) == ({"message": "hello"}, None, False)


def test_a_thousand_labels_go_in_one_request_and_no_more(
    client: FlaskClient, redis_server: RedisServer
) -> None:
    labels = [{"request_id": f"r-{n}", "label": n / 2} for n in range(1000)]
    assert client.post("/v1/feedback", json={"labels": labels}).json == {"accepted": 1000}
    found = kept(redis_server)
    assert [label.label for label in found[:3]] == [0.0, 0.5, 1.0]
    assert len({label.label_id for label in found}) == 1000
    assert client.post("/v1/feedback", json={"labels": [*labels, ONE]}).status_code == 413


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"label": "spam"}, "request_id"),
        ({"request_id": "r"}, "label"),
        ({"request_id": "a b", "label": "spam"}, "request_id"),
        ({**ONE, "label": True}, "label"),
        ({**ONE, "label": ""}, "label"),
        ({**ONE, "label": [1]}, "label"),
        ({**ONE, "label": 9.1e15}, "label"),
        ({**ONE, "label": -(2**53) - 1}, "label"),
        ({**ONE, "index": -1}, "index"),
        ({**ONE, "index": 1.5}, "index"),
        ({**ONE, "instance": "hello"}, "instance"),
        ({**ONE, "colour": 1}, "colour"),
        ({"labels": []}, "labels"),
        ({"labels": [ONE], "label": "spam"}, "labels"),
        ({"labels": [ONE, {"label": "x"}]}, "labels[1].request_id"),
        ({"labels": [ONE, 3]}, "labels[1]"),
    ],
)
def test_a_label_that_is_none_is_refused_and_nothing_is_kept(
    client: FlaskClient, redis_server: RedisServer, body: Any, field: str
) -> None:
    answer = client.post("/v1/feedback", json=body)
    assert answer.status_code == 400
    assert answer.json is not None
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    assert kept(redis_server) == []


def test_while_redis_is_away_nothing_is_accepted_and_the_caller_knows_at_once(
    client: FlaskClient, redis_server: RedisServer
) -> None:
    redis_server.kill()
    for _ in range(3):
        refused = client.post("/v1/feedback", json=ONE)
        assert refused.status_code == 503
        assert refused.json is not None
        assert refused.json["error"] == "Unavailable"
        assert refused.headers["Retry-After"] == "1"


def test_without_redis_feedback_is_unavailable_and_predictions_are_not() -> None:
    client = client_of(make_parts())
    assert client.post("/v1/feedback", json=ONE).status_code == 503
    assert client.post("/v1/predict", json={"message": "hello"}).status_code == 200


def test_a_label_carries_whose_key_it_came_with(redis_server: RedisServer, tmp_path: Path) -> None:
    keys = write_keys(tmp_path / "keys", shop="feedback,predict", root="admin")
    parts = make_parts(auth="on", api_keys_file=tmp_path / "keys", redis_url=redis_server.url)
    client = client_of(parts)
    for name in ("shop", "root"):
        assert client.post("/v1/feedback", json=ONE, headers=bearer(keys[name])).status_code == 202
    assert [(label.key_id, label.admin) for label in kept(redis_server)] == [
        ("shop", False),
        ("root", True),
    ]
