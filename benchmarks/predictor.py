"""Our predictor alone, with the models of a folder, for what is measured of it without peers."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.ports import free_port


@contextmanager
def predictor(folder: Path, model: str, workers: int, **more: str) -> Iterator[int]:
    """Its port. Ends with the block. folder: holds `models`, and gets its log. more: settings by their
    short names."""
    port = free_port()
    settings = {
        "PORT": str(port),
        "METRICS_PORT": str(free_port()),
        "RUNTIME_DIR": str(folder / "runtime"),
        "BUILTIN_MODELS": str(folder / "models"),
        "DEFAULT_MODEL": model,
        "AUTH": "off",
        "WORKERS": str(workers),
        **more,
    }
    environment = os.environ | {f"SLIPWAY_{name}": value for name, value in settings.items()}
    environment["OMP_NUM_THREADS"] = "1"  # torch is imported before the predictor can say so
    with (folder / "predictor.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.slipway_server"], env=environment, stdout=log
        )
    try:
        _wait_until_ready(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait_until_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit("the predictor does not get ready")


def json_post(path: str, body: bytes) -> bytes:
    """A request as it goes over a kept connection."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
