"""A real predictor: gunicorn, its request processes and its metrics process."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

from support.processes import RunningProcess, children_of, command_line
from support.waiting import free_port, wait_until

REPOSITORY = Path(__file__).parents[2]
MODELS = REPOSITORY / "models"


class RunningPredictor:
    """Started with the given SLIPWAY_ settings on free ports; answers at `url`."""

    def __init__(self, folder: Path, settings: dict[str, str], prefix: Sequence[str] = ()) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.metrics_url = f"http://127.0.0.1:{self.metrics_port}"
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        environment = {
            "SLIPWAY_PORT": str(self.port),
            "SLIPWAY_METRICS_PORT": str(self.metrics_port),
            "SLIPWAY_RUNTIME_DIR": str(folder / "runtime"),
            "SLIPWAY_BUILTIN_MODELS": str(MODELS),
            "SLIPWAY_AUTH": "off",
            **settings,
        }
        self.process = RunningProcess(
            [*prefix, sys.executable, "-m", "predictor"], folder / "predictor.log", environment
        )

    def wait_until_ready(self) -> "RunningPredictor":
        wait_until(
            self._ready, seconds=180, what=f"the predictor is ready: {self.process.output[-2000:]}"
        )
        return self

    def wait_until_healthy(self) -> "RunningPredictor":
        """Answering, whether or not a model could be loaded."""
        wait_until(
            self._healthy, seconds=180, what=f"the predictor answers: {self.process.output[-2000:]}"
        )
        return self

    def _healthy(self) -> bool:
        assert self.process.running, self.process.output
        try:
            return requests.get(f"{self.url}/health", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def _ready(self) -> bool:
        assert self.process.running, self.process.output
        try:
            ready = requests.get(f"{self.url}/ready", timeout=5).status_code == 200
            return ready and requests.get(f"{self.metrics_url}/live", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return requests.post(self.url + path, json=body, timeout=30, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=30, **options)

    def metrics(self) -> str:
        return requests.get(f"{self.metrics_url}/metrics", timeout=10).text

    def metrics_or_nothing(self) -> str:
        """For waiting: empty while the metrics process is away."""
        try:
            return self.metrics()
        except requests.RequestException:
            return ""

    def live_status(self) -> int:
        return requests.get(f"{self.metrics_url}/live", timeout=5).status_code

    def request_processes(self) -> list[int]:
        """The ids of gunicorn's workers."""
        children = children_of(self.process.pid)
        return [pid for pid in children if "predictor.metrics_server" not in command_line(pid)]

    def metrics_processes(self) -> list[int]:
        """One, or none before it is started."""
        children = children_of(self.process.pid)
        return [pid for pid in children if "predictor.metrics_server" in command_line(pid)]

    def metrics_process(self) -> int:
        return self.metrics_processes()[0]

    def log_lines(self) -> list[dict[str, Any]]:
        lines = self.process.output.splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def stop(self) -> None:
        self.process.stop()
