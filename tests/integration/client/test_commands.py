"""slipway predict, feedback and doctor, as a person runs them."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from slipway.cli.doctor import describe_readiness
from support.application import make_parts, write_keys
from support.redis_server import RedisServer
from support.running_application import RunningApplication
from support.waiting import free_port

HELLO = '{"message": "win a phone"}'


def slipway(*words: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLIPWAY_")}
    return subprocess.run(
        [sys.executable, "-m", "slipway", *words],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=kept | variables,
    )


@pytest.fixture
def url(redis_server: RedisServer) -> Iterator[str]:
    application = RunningApplication(make_parts(redis_url=redis_server.url))
    yield application.url
    application.stop()


def test_a_model_is_asked_and_then_told_what_was_true(url: str) -> None:
    asked = slipway("predict", HELLO, "--url", url)
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert answer["prediction"] == "spam"
    told = slipway("feedback", answer["request_id"], "spam", SLIPWAY_URL=url)
    assert (told.returncode, told.stdout) == (0, "accepted\n")


def test_an_instance_may_come_from_the_standard_input_and_be_explained(url: str) -> None:
    asked = slipway("predict", "-", "--explain", "--url", url, stdin=HELLO)
    assert json.loads(asked.stdout)["contributions"]


def test_a_refusal_is_one_line_and_exit_status_1(url: str) -> None:
    asked = slipway("predict", "{}", "--url", url)
    assert (asked.returncode, asked.stdout) == (1, "")
    assert asked.stderr == "slipway: InvalidInput: Field 'message' is required.\n"


def test_the_doctor_says_that_nobody_listens() -> None:
    seen = slipway("doctor", "--url", f"http://127.0.0.1:{free_port()}")
    assert seen.returncode == 1
    assert "Nobody listens" in seen.stdout


def test_where_several_fields_are_wrong_each_has_a_line(url: str) -> None:
    asked = slipway("predict", '{"massage": "hello"}', "--url", url)
    assert asked.stderr.splitlines()[1:] == [
        "  message: is required",
        "  massage: is not a field of this model",
    ]


@pytest.mark.parametrize("address", ["localhost:8000", "127.0.0.1", "http://", "ftp://here"])
def test_what_is_no_address_is_said_to_be_none(address: str) -> None:
    asked = slipway("doctor", "--url", address)
    assert asked.returncode == 1
    assert "is no address, such as http://127.0.0.1:8000" in asked.stderr
    assert "Traceback" not in asked.stderr


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b'{"error": "NotFound"}'])
def test_the_doctor_knows_another_server_when_it_sees_one(body: bytes) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=server.serve_forever).start()
    seen = slipway("doctor", "--url", f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()
    assert seen.returncode == 1
    assert "is no Slipway predictor" in seen.stdout


def test_the_doctor_tells_a_wrong_key_from_one_for_something_else(tmp_path: Path) -> None:
    key = write_keys(tmp_path / "keys", labels="feedback")["labels"]
    application = RunningApplication(make_parts(auth="on", api_keys_file=tmp_path / "keys"))
    wrong = slipway("doctor", "--url", application.url, SLIPWAY_KEY="slipway_wrong")
    other = slipway("doctor", "--url", application.url, SLIPWAY_KEY=key)
    application.stop()
    assert "does not know the key in SLIPWAY_KEY" in wrong.stdout
    assert "lacks the scope 'predict'" in other.stdout


def test_the_doctor_finds_a_service_well(url: str) -> None:
    seen = slipway("doctor", "--url", url)
    assert seen.returncode == 0, seen.stdout
    assert "It is ready and serves spam 1.0.0, houses 1.0.0." in seen.stdout


def test_the_doctor_says_that_a_key_is_needed_and_takes_it_from_the_environment(
    tmp_path: Path,
) -> None:
    key = write_keys(tmp_path / "keys", me="predict")["me"]
    application = RunningApplication(make_parts(auth="on", api_keys_file=tmp_path / "keys"))
    without = slipway("doctor", "--url", application.url)
    with_key = slipway("doctor", "--url", application.url, SLIPWAY_KEY=key)
    application.stop()
    assert without.returncode == 1
    assert "put one in SLIPWAY_KEY" in without.stdout
    assert with_key.returncode == 0, with_key.stdout


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"status": "starting", "models": {}}, "its default model is not loaded"),
        ({"status": "draining", "models": {}}, "it was told to stop"),
        (
            {"status": "ready", "models": {}, "refused": ["spam 2.0.0: model.safetensors: bad"]},
            "refused",
        ),
        ({"status": "starting", "models": {"house": "1"}}, "SLIPWAY_DEFAULT_MODEL names a model"),
        ({"status": "starting", "models": {}, "store": "none"}, "names no store"),
        ({"status": "starting", "models": {}, "store": "ok"}, "slipway models promote"),
        ({"status": "ready", "models": {}, "redis": "away"}, "Redis is away"),
        ({"status": "ready", "models": {}, "store": "away"}, "The store is away"),
    ],
)
def test_the_doctor_says_in_words_why_a_service_is_not_well(
    body: dict[str, object], words: str
) -> None:
    assert any(words in found and not well for well, found in describe_readiness(body))
