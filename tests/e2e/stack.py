"""A stack of its own for a test run: its own project name, its own ports, nothing left behind."""

import json
import math
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import requests

from support.waiting import free_port

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


class Stack:
    """One `docker compose` project of the compose file at the root."""

    def __init__(self, project: str) -> None:
        self.project = project
        self.ports = {name: free_port() for name in ("GATEWAY", "MONITOR", "GRAFANA")}
        self.environment = os.environ | {
            f"HOST_PORT_{name}": str(port) for name, port in self.ports.items()
        }

    def compose(self, *arguments: str, timeout_seconds: float = 600) -> str:
        """What `docker compose` printed. Raises AssertionError with what it complained of."""
        command = ["docker", "compose", "-p", self.project, *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_seconds,
        )
        assert done.returncode == 0, (
            f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
        return done.stdout

    def unpack(self, folder: Path, service: str, into: str) -> None:
        """Copies what is in a folder into a folder of a container, as that container's user."""
        packed = subprocess.run(["tar", "-c", "-C", folder, "."], capture_output=True, check=True)
        command = ["docker", "compose", "-p", self.project, "exec", "-T", service]
        subprocess.run(
            [*command, "tar", "-x", "-m", "--no-same-permissions", "-C", into],
            cwd=ROOT,
            env=self.environment,
            input=packed.stdout,
            check=True,
        )

    def up(self, wait_seconds: int) -> None:
        self.compose("up", "--detach", "--wait", "--wait-timeout", str(wait_seconds), "--no-build")

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans")

    def leftovers(self) -> list[str]:
        """Containers, volumes and networks of this project that still exist."""
        mine = f"label=com.docker.compose.project={self.project}"
        kinds = (["ps", "--all"], ["volume", "ls"], ["network", "ls"])
        return [
            line for kind in kinds for line in docker(*kind, "--quiet", "--filter", mine).split()
        ]

    def containers(self, service: str) -> list[str]:
        return self.compose("ps", "--quiet", service).split()

    def url(self, name: str, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}{path}"

    def predict(self, body: dict[str, Any]) -> requests.Response:
        """One prediction on a connection of its own."""
        return requests.post(self.url("GATEWAY", "/v1/predict"), json=body, timeout=10)

    def prometheus(self, path: str) -> Any:
        """The `data` of an answer of Prometheus's API."""
        fetch = ("wget", "-q", "-O", "-", f"http://127.0.0.1:9090/api/v1/{path}")
        return json.loads(self.compose("exec", "-T", "prometheus", *fetch))["data"]

    def samples(self, expression: str) -> list[dict[str, Any]]:
        """What Prometheus answers to an instant query."""
        found: list[dict[str, Any]] = self.prometheus(f"query?query={quote(expression)}")["result"]
        return found

    def query(self, expression: str) -> float:
        """The one value of an instant query; NaN where there is none yet."""
        found = self.samples(expression)
        assert len(found) <= 1, expression
        return float(found[0]["value"][1]) if found else math.nan

    def alerts(self) -> dict[str, dict[str, str]]:
        """alertname: labels, of what Alertmanager holds as active."""
        fetch = ("wget", "-q", "-O", "-", "http://127.0.0.1:9093/api/v2/alerts?active=true")
        found = json.loads(self.compose("exec", "-T", "alertmanager", *fetch))
        return {alert["labels"]["alertname"]: alert["labels"] for alert in found}


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


def eventually(ask: Callable[[], T], is_right: Callable[[T], bool], within_seconds: float) -> T:
    """The first right answer. Raises AssertionError with the last wrong one."""
    deadline = time.monotonic() + within_seconds
    while True:
        answer = ask()
        if is_right(answer):
            return answer
        assert time.monotonic() < deadline, f"after {within_seconds} s: {answer}"
        time.sleep(0.5)


def engine_runs() -> bool:
    """Whether docker answers here."""
    if not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
