"""The same commit gives the same answers under `make run`, in the stack, and as an image started alone."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from e2e.stack import ROOT, Stack, docker
from support.processes import RunningProcess
from support.waiting import free_port, wait_until

MESSAGES = (
    "Congratulations! You have won a free iPhone.",
    "See you at lunch",
    "URGENT! Call 09061701461 now to claim your £2000 prize",
    "ok",
)
OWN_PORTS = ("", "METRICS_", "MONITOR_", "WORKER_METRICS_", "EMBEDDED_REDIS_")


def answers_of(url: str) -> list[dict[str, Any]]:
    """What a predictor says of each message, without what differs from request to request."""
    found = []
    for message in MESSAGES:
        answer = requests.post(f"{url}/v1/predict", json={"message": message}, timeout=10)
        assert answer.status_code == 200, answer.text
        found.append({key: value for key, value in answer.json().items() if key != "request_id"})
    return found


@pytest.fixture
def alone() -> Iterator[str]:
    """The predictor's image and nothing else."""
    port = free_port()
    options = ("--detach", "--rm", "-p", f"127.0.0.1:{port}:8000", "-e", "SLIPWAY_AUTH=off")
    container = docker("run", *options, "slipway/predictor:0.1.0")
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: is_ready(url), seconds=60, what="the image started alone is ready")
        yield url
    finally:
        docker("stop", container.strip())


@pytest.fixture
def made_to_run(tmp_path: Path) -> Iterator[str]:
    """What `make run` starts, on ports of its own."""
    ports = {f"SLIPWAY_{name}PORT": str(free_port()) for name in OWN_PORTS}
    subprocess.run([ROOT / "scripts/setup", "run"], check=True)  # which `make run` would wait for
    process = RunningProcess(["make", "-C", str(ROOT), "run"], tmp_path / "log", ports)
    url = f"http://127.0.0.1:{ports['SLIPWAY_PORT']}"
    try:
        wait_until(lambda: is_ready(url) or not process.running, seconds=120, what="`make run`")
        assert process.running, process.output
        yield url
    finally:
        process.stop()


def is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/ready", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def test_the_same_answer_in_all_three_ways(stack: Stack, alone: str, made_to_run: str) -> None:
    in_the_stack = answers_of(stack.url("GATEWAY", ""))
    for elsewhere in (answers_of(alone), answers_of(made_to_run)):
        for here, there in zip(in_the_stack, elsewhere, strict=True):
            assert here.keys() == there.keys()
            assert [here[k] for k in ("prediction", "model_name", "model_version")] == [
                there[k] for k in ("prediction", "model_name", "model_version")
            ]
            assert there["probabilities"] == pytest.approx(here["probabilities"], abs=1e-6)
