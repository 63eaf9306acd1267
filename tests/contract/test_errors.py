"""Bad input gets the contract's error: never a 500, never HTML, never a dropped connection."""

import pytest

from support.predictor_process import RunningPredictor

BODIES: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "InvalidJSON"),
    "not JSON": (b"message=hello", 400, "InvalidJSON"),
    "not UTF-8": (b'{"message": "\xff"}', 400, "InvalidJSON"),
    "no message": (b"{}", 400, "InvalidInput"),
    "null": (b'{"message": null}', 400, "InvalidInput"),
    "a number": (b'{"message": 5}', 400, "InvalidInput"),
    "an empty string": (b'{"message": ""}', 400, "InvalidInput"),
    "white space": (b'{"message": " \\n"}', 400, "InvalidInput"),
    "an unknown field": (b'{"message": "hi", "massage": "hi"}', 400, "InvalidInput"),
    "a duplicate key": (b'{"message": "a", "message": "b"}', 400, "InvalidInput"),
    "NaN": (b'{"message": NaN}', 400, "InvalidInput"),
    "Infinity": (b'{"message": -Infinity}', 400, "InvalidInput"),
    "a number beyond a double": (b'{"message": 1e999}', 400, "InvalidInput"),
    "a lone surrogate": (b'{"message": "\\ud800"}', 400, "InvalidInput"),
    "an array": (b'["hi"]', 400, "InvalidInput"),
    "a string": (b'"hi"', 400, "InvalidInput"),
    "nested 100,000 deep": (b"[" * 100_000, 400, "InvalidInput"),
    "objects nested 100,000 deep": (b'{"message":' * 80_000, 400, "InvalidInput"),
    "no instances": (b'{"instances": []}', 400, "InvalidInput"),
    "instances of another kind": (b'{"instances": {"message": "hi"}}', 400, "InvalidInput"),
    "instances beside a field": (
        b'{"instances": [{"message": "a"}], "message": "b"}',
        400,
        "InvalidInput",
    ),
    "a bad row": (b'{"instances": [{"message": "a"}, {"message": 1}]}', 400, "InvalidInput"),
    "a message too long": (b'{"message": "%s"}' % (b"a" * 10_001), 400, "InvalidInput"),
    "1 MB of text": (b'{"message": "%s"}' % (b"a" * 1_048_576), 413, "TooLarge"),
    "too many instances": (
        b'{"instances": [%s]}' % b",".join([b'{"message":"a"}'] * 1001),
        413,
        "TooLarge",
    ),
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("route", ["/predict", "/v1/models/spam/predict"])
def test_a_bad_body_gets_the_contracts_error(
    predictor: RunningPredictor, route: str, kind: str
) -> None:
    body, status, name = BODIES[kind]
    answer = predictor.post(route, None, data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (status, name)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["message"]
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


def test_the_field_and_the_row_are_named(predictor: RunningPredictor) -> None:
    answer = predictor.post(
        "/predict", {"instances": [{"message": "a"}, {"message": 1}, {}]}
    ).json()
    assert answer["details"] == [
        {"field": "instances[1].message", "problem": "must be a string, not a number"},
        {"field": "instances[2].message", "problem": "is required"},
    ]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_another_content_type_is_refused(predictor: RunningPredictor, kind: str) -> None:
    answer = predictor.post("/predict", None, data=b"{}", headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["error"]) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize(
    "path", ["/nothing", "/v1", "/v1/models/spam", "/favicon.txt", "/%00", "/predict/x"]
)
def test_an_unknown_path_is_not_found_in_json(predictor: RunningPredictor, path: str) -> None:
    answer = predictor.get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")


def test_a_wrong_method_says_which_are_answered(predictor: RunningPredictor) -> None:
    answer = predictor.get("/predict")
    assert (answer.status_code, answer.json()["error"]) == (405, "MethodNotAllowed")
    assert "POST" in answer.headers["Allow"]


def test_a_chunked_body_is_bounded_too(predictor: RunningPredictor) -> None:
    pieces = (b"x" * 65536 for _ in range(32))
    answer = predictor.post(
        "/predict", None, data=pieces, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["error"]) == (413, "TooLarge")


@pytest.mark.parametrize("path", ["/v2/nothing", "/v2/models/nobody", "/v2/models/nobody/ready"])
def test_below_v2_the_name_has_a_field_of_its_own(predictor: RunningPredictor, path: str) -> None:
    body = predictor.get(path).json()
    assert body["name"] in ("NotFound", "ModelNotFound")
    assert body["error"] == f"{body['name']}: {body['message']}"


def test_elsewhere_the_name_stands_alone(predictor: RunningPredictor) -> None:
    body = predictor.get("/v22/nothing").json()
    assert body["error"] == "NotFound"
    assert "name" not in body
