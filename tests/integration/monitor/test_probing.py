"""What counts as a health check that failed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from support.monitor_process import RunningMonitor
from support.waiting import wait_until

ANSWERS = {"json": (200, b'{"status": "ok"}'), "text": (200, b"ok"), "error": (503, b"{}")}


class Odd(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, hold = self.server.answers  # type: ignore[attr-defined]
        if kind == "silent":
            hold.wait(30)
            return
        status, body = ANSWERS[kind]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def odd_server(kind: str) -> Iterator[str]:
    """Address and port of a server that answers in this way."""
    server, hold = ThreadingHTTPServer(("127.0.0.1", 0), Odd), threading.Event()
    server.answers = (kind, hold)  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    hold.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("kind", "up"), [("json", 1.0), ("text", 0.0), ("error", 0.0), ("silent", 0.0)]
)
def test_a_check_fails_on_a_time_out_on_another_status_and_on_what_is_no_json(
    start_monitor: Callable[..., RunningMonitor], kind: str, up: float
) -> None:
    with odd_server(kind) as target:
        monitor = start_monitor(
            predictors=f"http://{target}", probe_interval_seconds="0.2", probe_timeout_seconds="0.5"
        )

        def seen() -> float | None:
            return monitor.sample("slipway_monitor_probe_up", target=target, check="health")

        wait_until(lambda: seen() is not None, what="it was probed")
        assert seen() == up
