"""What a prediction route reads, and what it says of what it does not."""

import gzip
import json
import zlib
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support.application import client_of, make_parts

HELLO = {"message": "hello"}
ROW = {"age": 41, "work": "public"}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_of(
        make_parts(
            max_body_bytes=20_000, max_inflated_bytes=50_000, max_instances=10, max_json_depth=8
        )
    )


def post(client: FlaskClient, body: Any, path: str = "/v1/predict", **headers: str) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, data=data, headers=named)


def refusal(answer: TestResponse) -> tuple[int, str, list[str]]:
    assert answer.json is not None
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    fields = [detail["field"] for detail in answer.json.get("details", [])]
    return answer.status_code, answer.json["error"], fields


@pytest.mark.parametrize(
    "kind", ["", "application/json", "application/json; charset=utf-8", "application/ld+json"]
)
def test_json_is_read_under_each_of_its_names(client: FlaskClient, kind: str) -> None:
    assert post(client, HELLO, Content_Type=kind).status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_another_media_type_is_refused(client: FlaskClient, kind: str) -> None:
    answer = post(client, HELLO, Content_Type=kind)
    assert refusal(answer) == (415, "UnsupportedMediaType", [])


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(json.dumps(HELLO).encode(), mtime=0)),
        ("deflate", zlib.compress(json.dumps(HELLO).encode())),
    ],
)
def test_a_compressed_body_is_inflated(client: FlaskClient, encoding: str, body: bytes) -> None:
    assert post(client, body, Content_Encoding=encoding).status_code == 200


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (b"x" * 20_001, {}, (413, "TooLarge", [])),
        (
            gzip.compress(b" " * 50_001, mtime=0),
            {"Content_Encoding": "gzip"},
            (413, "TooLarge", []),
        ),
        ({"instances": [HELLO] * 11}, {}, (413, "TooLarge", [])),
        (b"not gzip", {"Content_Encoding": "gzip"}, (400, "InvalidInput", [])),
        (HELLO, {"Content_Encoding": "br"}, (415, "UnsupportedMediaType", [])),
        (b"", {}, (400, "InvalidJSON", [])),
        (b"{", {}, (400, "InvalidJSON", [])),
        (b"[" * 100_00, {}, (400, "InvalidInput", [])),
        ([HELLO], {}, (400, "InvalidInput", [])),
        ("hello", {}, (400, "InvalidInput", [])),
        ({}, {}, (400, "InvalidInput", ["message"])),
        (b'{"message": "a", "message": "b"}', {}, (400, "InvalidInput", ["message"])),
        ({"instances": []}, {}, (400, "InvalidInput", ["instances"])),
        ({"instances": {}}, {}, (400, "InvalidInput", ["instances"])),
        ({"instances": [HELLO], "message": "x"}, {}, (400, "InvalidInput", ["message"])),
        (
            {"instances": [HELLO, {"message": 3}]},
            {},
            (400, "InvalidInput", ["instances[1].message"]),
        ),
        ({"instances": [HELLO, 3]}, {}, (400, "InvalidInput", ["instances[1]"])),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_its_place(
    client: FlaskClient, body: Any, headers: dict[str, str], expected: tuple[int, str, list[str]]
) -> None:
    assert refusal(post(client, body, **headers)) == expected


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_a_number_that_is_none_is_refused_by_its_row(client: FlaskClient, value: bytes) -> None:
    body = b'{"instances": [{"age": 1, "work": "public", "hours": ' + value + b"}]}"
    answer = post(client, body, "/v1/models/houses/predict")
    assert refusal(answer) == (400, "InvalidInput", ["instances[0].hours"])


def test_a_whole_number_may_be_written_with_a_point(client: FlaskClient) -> None:
    assert post(client, {**ROW, "age": 23.0}, "/v1/models/houses/predict").status_code == 200


def test_large_answers_are_compressed_for_who_asks(client: FlaskClient) -> None:
    rows = {"instances": [HELLO] * 10}
    plain = post(client, rows)
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.vary
    for encoding, open_up in (("gzip", gzip.decompress), ("deflate", zlib.decompress)):
        packed = post(client, rows, Accept_Encoding=encoding)
        assert packed.headers["Content-Encoding"] == encoding
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
        unpacked = json.loads(open_up(packed.data))
        assert plain.json is not None
        assert unpacked["predictions"] == plain.json["predictions"]


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br"])
def test_who_asks_for_no_gzip_gets_none(client: FlaskClient, accepted: str) -> None:
    answer = post(client, {"instances": [HELLO] * 10}, Accept_Encoding=accepted)
    assert "Content-Encoding" not in answer.headers


def test_small_answers_are_sent_as_they_are(client: FlaskClient) -> None:
    assert "Content-Encoding" not in post(client, HELLO, Accept_Encoding="gzip").headers


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "GET"])
def test_another_method_is_told_which_ones_there_are(client: FlaskClient, method: str) -> None:
    answer = client.open("/v1/predict", method=method)
    assert refusal(answer) == (405, "MethodNotAllowed", [])
    assert answer.headers["Allow"] == "POST"
