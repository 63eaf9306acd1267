"""The real predictor, on loopback, with the settings under measurement."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from slipway.core.machine import cpu_seconds, process_tree
from slipway.core.settings import PREFIX
from slipway.core.shared_settings import ModelCacheSettings, ModuleSettings, StoreSettings
from tuning.asking import HOST
from tuning.deciding import MOST
from tuning.points import Shape

START_SECONDS = 180.0
# Of the caller's own settings, what decides which model is computed, and on what. Not its Redis:
# nobody's log shall hold what is asked here.
_KEPT = {
    *(StoreSettings.model_fields | ModuleSettings.model_fields | ModelCacheSettings.model_fields),
    *("builtin_models", "device", "load_timeout_seconds"),
}
_DURATIONS = re.compile(
    r"^slipway_predictor_request_duration_seconds_sum(?:\{.*\})? (\S+)$", re.MULTILINE
)


class DidNotStart(Exception):
    """With the end of what the predictor said."""


@dataclass(frozen=True)
class Predictor:
    """One that is ready. pid: of its master process."""

    port: int
    metrics_port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time that all its processes have taken."""
        return sum(cpu_seconds(pid) for pid in process_tree(self.pid))

    def answering_seconds(self) -> float:
        """The sum of all requests' durations, as its own metrics have it."""
        with urllib.request.urlopen(
            f"http://{HOST}:{self.metrics_port}/metrics", timeout=10
        ) as answer:
            return sum(map(float, _DURATIONS.findall(answer.read().decode())))


@contextmanager
def predictor(
    model: str, shape: Shape, rows: int, folder: Path, cores: Collection[int]
) -> Iterator[Predictor]:
    """Ends with the block. cores: where it runs. Raises DidNotStart."""
    port, metrics_port = _free_port(), _free_port()
    settings = {
        "PORT": port,
        "METRICS_PORT": metrics_port,
        "RUNTIME_DIR": folder / "runtime",
        "DEFAULT_MODEL": model,
        "AUTH": "off",
        "WORKERS": shape.workers,
        "TORCH_THREADS": shape.threads,
        "FORWARD_ROWS": rows,
        # Whatever the callers send is to be computed.
        "MAX_IN_FLIGHT": MOST,
        "MAX_WAITING": MOST,
    }
    named = {f"{PREFIX}{name}": str(value) for name, value in settings.items()}
    log = folder / "predictor.log"
    with log.open("wb") as file, _running_on(cores):
        process = subprocess.Popen(
            [sys.executable, "-m", "predictor"],
            env=_environment(os.environ) | named,
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
        )
    try:
        _wait_until_ready(process, port, metrics_port, log)
        yield Predictor(port, metrics_port, process.pid)
    finally:
        _stop(process)


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    ours = {f"{PREFIX}{name.upper()}" for name in _KEPT}
    return {k: v for k, v in given.items() if not k.startswith(PREFIX) or k in ours}


def _wait_until_ready(
    process: "subprocess.Popen[bytes]", port: int, metrics_port: int, log: Path
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _answers(port, "/ready") and _answers(metrics_port, "/live"):
            return
        time.sleep(0.05)
    raise DidNotStart(log.read_text(errors="replace")[-1500:])


def _answers(port: int, path: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=5):
        return True
    return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """SIGTERM, and SIGKILL for all that is still there afterwards."""
    if process.poll() is not None:
        return
    below = process_tree(process.pid)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(40)
    except subprocess.TimeoutExpired:
        for pid in below:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(10)


@contextmanager
def _running_on(cores: Collection[int]) -> Iterator[None]:
    """What is started in the block inherits these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
