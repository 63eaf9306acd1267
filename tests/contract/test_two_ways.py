"""A prediction is answered the same before Flask's dispatch as by it: answers, headers, figures, log."""

import json
import logging
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from predictor.app import create_app
from predictor.hot_route import prediction_asked
from predictor.parts import Parts
from support.application import bearer, make_parts, write_keys
from support.fake_model import TABLE, TEXT, fake_model

GOOD = {"message": "See you at noon"}
HOUSE = {"rooms": 3, "city": "Delhi"}
REQUESTS: dict[str, dict[str, Any]] = {
    "a row": {"json": GOOD},
    "several rows": {"json": {"instances": [GOOD, GOOD]}},
    "many rows, compressed": {
        "json": {"instances": [GOOD] * 50},
        "headers": {"Accept-Encoding": "gzip"},
    },
    "no content type": {"data": json.dumps(GOOD)},
    "unversioned": {"path": "/predict", "json": GOOD},
    "a version of the API": {"path": "/predict", "json": GOOD, "headers": {"X-API-Version": "1"}},
    "an unknown one": {"path": "/predict", "json": GOOD, "headers": {"X-API-Version": "7"}},
    "a model": {"path": "/v1/models/spam/predict", "json": GOOD},
    "a version": {"path": "/v1/models/spam/versions/1.0.0/predict", "json": GOOD},
    "an unknown model": {"path": "/v1/models/nobody/predict", "json": GOOD},
    "an unknown version": {"path": "/v1/models/spam/versions/9.9.9/predict", "json": GOOD},
    "a name with a space": {"path": "/v1/models/a%20b/predict", "json": GOOD},
    "an id and a trace": {
        "json": GOOD,
        "headers": {
            "X-Request-ID": "order-4711",
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        },
    },
    "a deadline": {"json": GOOD, "headers": {"X-Request-Timeout-Ms": "60000"}},
    "a deadline that is none": {"json": GOOD, "headers": {"X-Request-Timeout-Ms": "soon"}},
    "a caller by name": {"json": GOOD, "headers": {"X-Client-ID": "shop"}},
    "not JSON": {"data": b"{", "headers": {"Content-Type": "application/json"}},
    "nothing": {"data": b""},
    "a field too few": {"json": {}},
    "a field too many": {"json": GOOD | {"more": 1}},
    "another key beside instances": {"json": {"instances": [GOOD], "more": 1}},
    "no rows": {"json": {"instances": []}},
    "too many rows": {"json": {"instances": [GOOD] * 101}},
    "too large": {"json": {"message": "x" * 20_000}},
    "a number for a text": {"json": {"message": 7}},
    "XML": {"data": b"<a/>", "headers": {"Content-Type": "text/xml"}},
    "gzip that is none": {
        "data": b"no",
        "headers": {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    },
    "a wrong key": {"json": GOOD, "key": "wrong"},
    "no key": {"json": GOOD, "key": None},
    "a key without the scope": {"json": GOOD, "key": "reader"},
    "another method": {"method": "GET"},
    "a slash too many": {"path": "/v1/predict/", "json": GOOD},
}


@pytest.fixture
def ways(tmp_path: Any) -> tuple[dict[str, str], Parts, Parts]:
    """Keys, and the same parts twice."""
    keys = write_keys(tmp_path / "keys", caller="predict", reader="feedback")
    settings = {
        "auth": "on",
        "api_keys_file": tmp_path / "keys",
        "max_instances": 100,
        "max_body_bytes": 10_000,
    }
    models = (fake_model("spam", signature=TEXT), fake_model("houses", signature=TABLE))
    return keys, make_parts(*models, **settings), make_parts(*models, **settings)


@pytest.mark.parametrize("asked", REQUESTS.values(), ids=REQUESTS)
def test_both_ways_give_the_same(
    asked: dict[str, Any],
    ways: tuple[dict[str, str], Parts, Parts],
    caplog: pytest.LogCaptureFixture,
) -> None:
    keys, *both = ways
    seen = []
    for hot, parts in zip((True, False), both, strict=True):
        caplog.clear()
        with caplog.at_level(logging.INFO, logger="predictor.request"):
            answer = send(create_app(parts, hot=hot).test_client(), asked, keys)
        (line,) = (record for record in caplog.records if record.name == "predictor.request")
        seen.append((shown(answer), samples(parts.metrics.requests), fields_of(line)))
    assert seen[0] == seen[1]


def test_predictions_are_the_only_ones_that_go_the_short_way() -> None:
    def asks(method: str, path: str) -> bool:
        return prediction_asked({"REQUEST_METHOD": method, "PATH_INFO": path}) is not None

    assert asks("POST", "/v1/predict")
    assert asks("POST", "/v1/models/spam/versions/1.0.0/predict")
    assert not asks("GET", "/v1/predict")
    assert not asks("POST", "/v1/models/a/b/predict")
    assert not asks("POST", "/v2/models/spam/infer")
    assert not asks("POST", "/v1/explain")


def test_a_bug_is_answered_as_one_and_gives_its_place_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    parts = make_parts(max_in_flight=1, max_waiting=0)
    parts.forwards = Broken()
    client = create_app(parts).test_client()
    for _ in range(3):
        answer = client.post("/v1/predict", json=GOOD)
        assert (answer.status_code, answer.get_json()["error"]) == (500, "InternalError")
    assert "a bug" in caplog.text
    assert in_flight(parts.metrics.in_flight) == 0


class Broken:
    """Forwards with a bug."""

    def predict(self, *_: Any) -> Any:
        raise ZeroDivisionError("a bug")

    def stop(self) -> None:
        return


def send(client: Any, asked: dict[str, Any], keys: dict[str, str]) -> Any:
    named = asked.get("key", "caller")
    headers = {"X-Request-ID": "the-same"} | asked.get("headers", {})
    if named is not None:
        headers |= bearer(keys.get(named, "unknown"))
    sent = {name: asked[name] for name in ("json", "data") if name in asked}
    return client.open(
        asked.get("path", "/v1/predict"),
        method=asked.get("method", "POST"),
        headers=headers,
        **sent,
    )


def shown(answer: Any) -> tuple[Any, ...]:
    """All of an answer but its durations."""
    body = json.loads(answer.get_data()) if "Content-Encoding" not in answer.headers else None
    kept = {name: value for name, value in answer.headers if name != "Server-Timing"}
    return answer.status_code, body, kept, sorted(answer.headers.keys())


def samples(metric: Any) -> list[tuple[Any, float]]:
    registry = CollectorRegistry()
    registry.register(metric)
    return sorted(
        (sorted(s.labels.items()), s.value)
        for family in registry.collect()
        for s in family.samples
        if s.name.endswith("_total")
    )


def in_flight(gauge: Any) -> float:
    registry = CollectorRegistry()
    registry.register(gauge)
    return next(s.value for family in registry.collect() for s in family.samples)


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    standard = vars(logging.makeLogRecord({})) | {"message": "", "asctime": ""}
    found = {k: v for k, v in vars(record).items() if k not in standard}
    assert found.pop("duration_seconds") > 0
    return found
