"""When each alert went pending, fired, was delivered and resolved, in seconds since the fault."""

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests


@dataclass
class Times:
    """Seconds since the fault; None: not yet."""

    pending: float | None = None
    fired: float | None = None
    delivered: float | None = None
    resolved: float | None = None


class Watch:
    """Asks Prometheus every two seconds and listens for Alertmanager."""

    def __init__(self) -> None:
        self.alerts: dict[str, Times] = {}
        self.firing: set[str] = set()
        self._began: float | None = None
        self._lock = threading.Lock()
        watch = self

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                watch.hear(json.loads(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.webhook = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def begin(self) -> None:
        """The fault happens now."""
        with self._lock:
            self.alerts, self._began = {}, time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the fault; 0 before it."""
        return 0.0 if self._began is None else time.monotonic() - self._began

    def look(self, prometheus: str) -> None:
        answer = requests.get(f"{prometheus}/api/v1/alerts", timeout=10).json()
        states: dict[str, set[str]] = {}
        for alert in answer["data"]["alerts"]:
            states.setdefault(alert["labels"]["alertname"], set()).add(alert["state"])
        states.pop("Watchdog", None)
        with self._lock:
            self.firing = {name for name, found in states.items() if "firing" in found}
            for name in states:
                times = self.alerts.setdefault(name, Times())
                times.pending = times.pending if times.pending is not None else self.seconds
            for name in self.firing:
                times = self.alerts[name]
                times.fired = times.fired if times.fired is not None else self.seconds

    def hear(self, message: dict[str, Any]) -> None:
        """A delivery: when first of a firing alert, when last of a resolved one."""
        with self._lock:
            for alert in message["alerts"]:
                times = self.alerts.get(alert["labels"]["alertname"])
                if times is None:
                    continue
                if alert["status"] == "resolved":
                    times.resolved = self.seconds
                elif times.delivered is None:
                    times.delivered = self.seconds

    def close(self) -> None:
        self._server.shutdown()
