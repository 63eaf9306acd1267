"""A real monitor: gunicorn, its one process and the threads in it."""

import sys
from pathlib import Path
from typing import Any

import requests
from prometheus_client.parser import text_string_to_metric_families

from support.processes import RunningProcess, children_of
from support.waiting import free_port, wait_until


class RunningMonitor:
    """Started with the given SLIPWAY_ settings on a free port; its log is in `folder`."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._settings = settings
        self.start()

    def start(self) -> None:
        """Again, over the same log."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            "SLIPWAY_AUTH": "off",
            "SLIPWAY_PORT": str(self.port),
            "SLIPWAY_DATA_DIR": str(self.folder),
            "SLIPWAY_BUILTIN_MODELS": str(self.folder / "models"),
            **self._settings,
        }
        self.process = RunningProcess(
            [sys.executable, "-m", "monitor"], self.folder / "monitor.log", environment
        )

    def wait_until_ready(self) -> "RunningMonitor":
        wait_until(self._ready, seconds=180, what="the monitor is ready")
        return self

    def _ready(self) -> bool:
        assert self.process.running, self.process.output
        try:
            return self.get("/ready").status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=30, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return requests.post(self.url + path, json=body, timeout=30, **options)

    def sample(self, name: str, **labels: str) -> float | None:
        """The value of one series of /metrics; None where there is none."""
        for family in text_string_to_metric_families(self.get("/metrics").text):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return float(sample.value)
        return None

    @property
    def database_url(self) -> str:
        return self._settings.get("SLIPWAY_DATABASE_URL", f"sqlite:///{self.folder / 'log.db'}")

    def serving_process(self) -> int:
        """The process with the threads, a child of gunicorn's master."""
        return children_of(self.process.pid)[0]

    def kill(self) -> None:
        """Both processes, at once and without a word."""
        import os
        import signal

        children = children_of(self.process.pid)
        self.process.kill()
        for pid in children:
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        self.process.stop()
