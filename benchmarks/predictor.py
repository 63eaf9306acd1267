"""Our predictor alone, with the models of a folder, for what is measured of it without peers."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.ports import free_port


@contextmanager
def predictor(folder: Path, model: str, workers: int, **more: str) -> Iterator[int]:
    """Its port. Ends with the block. folder: holds `models`, and gets its log. more: settings by their
    short names."""
    port, metrics_port = free_port(), free_port()
    settings = {
        "PORT": str(port),
        "METRICS_PORT": str(metrics_port),
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
        _wait_until_all_serve(metrics_port, workers, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait_until_all_serve(
    metrics_port: int, workers: int, process: "subprocess.Popen[bytes]"
) -> None:
    """Until each process has its model: kept connections stay with the one that took them."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.2)
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{metrics_port}/metrics", timeout=5) as answer,
        ):
            if answer.read().count(b"\nslipway_predictor_model_info{") >= workers:
                time.sleep(0.2)  # from loaded to listening
                return
    sys.exit("the predictor does not get ready")


def json_post(path: str, body: bytes) -> bytes:
    """A request as it goes over a kept connection."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
