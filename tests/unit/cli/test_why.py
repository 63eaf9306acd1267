"""slipway why, against a server that answers as the monitor does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from typer.testing import CliRunner

from slipway.cli.main import typer_app
from slipway.core.errors import NotFound, Unavailable

STORY = {
    "request_id": "r/1",
    "predictions": [
        {
            "index": 0,
            "prediction": "spam",
            "confidence": 0.97,
            "model": "spam",
            "version": "3.1.0",
            "role": "champion",
            "digest": "abc123",
            "generation": 4,
            "time": "2026-11-23T10:00:00.000+00:00",
            "route": "/v1/predict",
            "latency_seconds": 0.0123,
            "queue_seconds": None,
            "compute_seconds": 0.001,
            "key_id": None,
            "label": "not_spam",
            "label_time": "2026-11-23T11:00:00.000+00:00",
            "drift": {"state": "over", "features": ["words"]},
        }
    ],
    "labels": [{"label": "not_spam", "index": 0, "outcome": "joined"}],
}


class AsTheMonitor(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path == "/v1/predictions/r%2F1"
        self.send_response(200 if known else 404)
        self.end_headers()
        self.wfile.write(json.dumps(STORY if known else {"error": "NotFound"}).encode())

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def monitor() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), AsTheMonitor)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_story_has_version_digest_timings_drift_and_label(monitor: str) -> None:
    told = CliRunner().invoke(typer_app, ["why", "r/1", "--monitor", monitor], terminal_width=120)
    assert told.exit_code == 0
    for word in ("3.1.0", "abc123", "latency 12.3 ms", "over in words", "not_spam"):
        assert word in told.output


def test_for_machines_it_is_json(monitor: str) -> None:
    told = CliRunner().invoke(typer_app, ["why", "r/1", "--monitor", monitor, "--json"])
    assert json.loads(told.output) == STORY


def test_an_unknown_request_is_said_to_be_unknown(monitor: str) -> None:
    told = CliRunner().invoke(typer_app, ["why", "nobody's", "--monitor", monitor])
    assert isinstance(told.exception, NotFound)


def test_without_a_monitor_it_says_so() -> None:
    told = CliRunner().invoke(typer_app, ["why", "r/1", "--monitor", "http://127.0.0.1:9"])
    assert isinstance(told.exception, Unavailable)
