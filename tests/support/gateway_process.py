"""The real gateway: HAProxy with the configuration that compose and Kubernetes use."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests

from support.parts import absent
from support.predictor_process import REPOSITORY, RunningPredictor
from support.processes import RunningProcess
from support.waiting import free_port, wait_until

CONFIGURATION = REPOSITORY / "deploy" / "gateway" / "haproxy.cfg"
_TEMPLATE = 'server-template predictor 64 "${PREDICTOR_ADDRESS}" resolvers dns init-addr none'


class RunningGateway:
    """In front of predictors on ports of this machine. Only its own ports, and that the predictors'
    are named instead of found by DNS, differ from the configuration that is shipped."""

    def __init__(self, folder: Path, predictors: Sequence[int]) -> None:
        program = shutil.which("haproxy") or absent("haproxy", "it is not installed")
        folder.mkdir(parents=True, exist_ok=True)
        self.port, self.inside_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        file = folder / "haproxy.cfg"
        file.write_text(configured(self.port, self.inside_port, predictors))
        self.process = RunningProcess([program, "-db", "-f", str(file)], folder / "gateway.log")

    def wait_until_ready(self) -> "RunningGateway":
        wait_until(self._ready, seconds=30, what=f"a predictor is found: {self.process.output}")
        return self

    def _ready(self) -> bool:
        assert self.process.running, self.process.output
        try:
            return requests.get(f"{self.url}/ready", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def log_lines(self) -> list[dict[str, Any]]:
        lines = self.process.output.splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def stop(self) -> None:
        self.process.stop()


@contextmanager
def two_behind_a_gateway(folder: Path) -> Iterator[tuple[RunningGateway, list[RunningPredictor]]]:
    """Two predictors with the settings that they have by themselves, and a gateway that found them."""
    with ExitStack() as stopping:
        predictors = [RunningPredictor(folder / f"predictor-{n}", {}) for n in range(2)]
        for predictor in predictors:
            stopping.callback(predictor.stop)
        gateway = RunningGateway(folder / "gateway", [each.port for each in predictors])
        stopping.callback(gateway.stop)
        for predictor in predictors:
            predictor.wait_until_ready()
        yield gateway.wait_until_ready(), predictors


def configured(port: int, inside_port: int, predictors: Sequence[int]) -> str:
    """deploy/gateway/haproxy.cfg with these ports."""
    text = CONFIGURATION.read_text()
    (template,) = (line.strip() for line in text.splitlines() if _TEMPLATE in line)
    servers = [
        template.replace(_TEMPLATE, f"server predictor{number} 127.0.0.1:{each}")
        for number, each in enumerate(predictors, start=1)
    ]
    changes = {
        "bind :8080": f"bind 127.0.0.1:{port}",
        "bind :8404": f"bind 127.0.0.1:{inside_port}",
        template: "\n    ".join(servers),
    }
    for shipped, ours in changes.items():
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, ours)
    return text
