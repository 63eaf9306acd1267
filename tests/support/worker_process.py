"""A real worker process."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

from support.predictor_process import MODELS
from support.processes import RunningProcess
from support.waiting import free_port, wait_until


class RunningWorker:
    """Started with the given SLIPWAY_ settings; /metrics and /live answer at `url`."""

    def __init__(self, folder: Path, settings: dict[str, str], prefix: Sequence[str] = ()) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        environment = {
            "SLIPWAY_METRICS_PORT": str(self.port),
            "SLIPWAY_BUILTIN_MODELS": str(MODELS),
            **settings,
        }
        self.process = RunningProcess(
            [*prefix, sys.executable, "-m", "worker"], folder / "worker.log", environment
        )

    def wait_until_live(self) -> "RunningWorker":
        wait_until(self._live, seconds=60, what=f"the worker is live: {self.process.output}")
        return self

    def _live(self) -> bool:
        assert self.process.running, self.process.output
        try:
            return requests.get(f"{self.url}/live", timeout=5).status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False

    def metrics(self) -> str:
        return requests.get(f"{self.url}/metrics", timeout=10).text

    def log_lines(self) -> list[dict[str, Any]]:
        lines = self.process.output.splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def stop(self) -> None:
        self.process.stop()
