"""The prediction routes of a running predictor, with the model that a fresh checkout serves."""

import pytest

from support.predictor_process import RunningPredictor

WON = {"message": "Congratulations! You have won a free iPhone."}
FRIEND = {"message": "Hey, are we still on for lunch tomorrow? Let me know what time suits you."}
ROUTES = [
    "/predict",
    "/v1/predict",
    "/v1/models/spam/predict",
    "/v1/models/spam/versions/1.0.0/predict",
]


@pytest.mark.parametrize("route", ROUTES)
def test_one_instance_is_answered_with_the_contracts_fields(
    predictor: RunningPredictor, route: str
) -> None:
    answer = predictor.post(route, WON)
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {
        "prediction",
        "confidence",
        "probabilities",
        "model_name",
        "model_version",
        "request_id",
    }
    assert body["prediction"] == "spam"
    assert body["confidence"] == body["probabilities"]["spam"] > 0.9
    assert sum(body["probabilities"].values()) == pytest.approx(1)
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert answer.headers["X-API-Version"] == "1"
    assert "compute;dur=" in answer.headers["Server-Timing"]


def test_an_ordinary_message_from_a_friend_is_not_spam(predictor: RunningPredictor) -> None:
    body = predictor.post("/predict", FRIEND).json()
    assert body["prediction"] == "not_spam"
    assert body["probabilities"]["spam"] < 0.1


def test_several_instances_are_answered_in_their_order(predictor: RunningPredictor) -> None:
    body = predictor.post("/v1/predict", {"instances": [FRIEND, WON, FRIEND]}).json()
    assert [row["prediction"] for row in body["predictions"]] == ["not_spam", "spam", "not_spam"]
    assert set(body) == {"predictions", "model_name", "model_version", "request_id"}


def test_an_instance_is_answered_alone_as_among_others(predictor: RunningPredictor) -> None:
    alone = predictor.post("/v1/predict", WON).json()["probabilities"]
    among = predictor.post("/v1/predict", {"instances": [FRIEND] * 20 + [WON]}).json()
    assert among["predictions"][20]["probabilities"] == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "application/vnd.slipway+json", ""]
)
def test_json_is_read_under_each_of_its_names(predictor: RunningPredictor, kind: str) -> None:
    answer = predictor.post(
        "/predict", None, data=b'{"message": "hi"}', headers={"Content-Type": kind}
    )
    assert answer.status_code == 200


def test_a_request_id_is_kept_and_a_strange_one_replaced(predictor: RunningPredictor) -> None:
    kept = predictor.post("/predict", WON, headers={"X-Request-ID": "order-17:3"})
    assert kept.headers["X-Request-ID"] == kept.json()["request_id"] == "order-17:3"
    strange = predictor.post("/predict", WON, headers={"X-Request-ID": "a b" + "x" * 200})
    assert len(strange.headers["X-Request-ID"]) == 32


def test_a_trace_is_passed_on(predictor: RunningPredictor) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert (
        predictor.post("/predict", WON, headers={"traceparent": trace}).headers["traceparent"]
        == trace
    )


def test_a_version_of_the_api_may_be_asked_for(predictor: RunningPredictor) -> None:
    assert predictor.post("/predict", WON, headers={"X-API-Version": "1"}).status_code == 200
    unknown = predictor.post("/predict", WON, headers={"X-API-Version": "9"})
    assert (unknown.status_code, unknown.json()["error"]) == (400, "InvalidInput")


@pytest.mark.parametrize("path", ["/metadata", "/info"])
def test_what_is_served_may_be_asked_for_in_a_version_too(
    predictor: RunningPredictor, path: str
) -> None:
    assert predictor.get(path, headers={"X-API-Version": "1"}).status_code == 200
    assert predictor.get(path, headers={"X-API-Version": "9"}).status_code == 400


@pytest.mark.parametrize("path", ["/health", "/live", "/ready", "/", "/docs", "/openapi", "/v2"])
def test_a_probe_or_page_has_no_versions(predictor: RunningPredictor, path: str) -> None:
    assert predictor.get(path, headers={"X-API-Version": "9"}).status_code == 200


@pytest.mark.parametrize(
    "route", ["/v1/models/ham/predict", "/v1/models/spam/versions/9.9.9/predict"]
)
def test_a_model_that_is_not_served_is_not_found(predictor: RunningPredictor, route: str) -> None:
    answer = predictor.post(route, WON)
    assert (answer.status_code, answer.json()["error"]) == (404, "ModelNotFound")
