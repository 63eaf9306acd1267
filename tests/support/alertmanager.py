"""A real Alertmanager, installed as a package."""

import shutil
from pathlib import Path
from typing import Any

import requests

from support.parts import absent
from support.processes import RunningProcess
from support.waiting import free_port, wait_until


class RunningAlertmanager:
    """Started with this configuration on a free port; what it keeps is in `folder`."""

    def __init__(self, folder: Path, configuration: Path) -> None:
        program = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
        if program is None:
            absent("alertmanager", "not installed")
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = RunningProcess(
            [
                *(program, f"--config.file={configuration}", f"--storage.path={folder}"),
                f"--web.listen-address={self.url.removeprefix('http://')}",
                "--cluster.listen-address=",
            ],
            folder / "alertmanager.log",
        )
        wait_until(self._ready, seconds=60, what="Alertmanager answers")

    def tell(self, *alerts: dict[str, Any]) -> None:
        """What Prometheus would say: each with `labels` and `startsAt`, and `endsAt` once it is over."""
        answer = requests.post(f"{self.url}/api/v2/alerts", json=alerts, timeout=30)
        answer.raise_for_status()

    def alerts(self, matcher: str) -> list[dict[str, Any]]:
        """Those with a label: `name="value"`."""
        found: list[dict[str, Any]] = requests.get(
            f"{self.url}/api/v2/alerts", params={"filter": matcher}, timeout=30
        ).json()
        return found

    def _ready(self) -> bool:
        assert self.process.running, self.process.output
        try:
            return requests.get(f"{self.url}/-/ready", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        self.process.stop()
