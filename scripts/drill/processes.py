"""Processes that the drill starts on loopback ports, and ends by id."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

NEEDED = {
    "prometheus": ("prometheus",),
    "alertmanager": ("alertmanager", "prometheus-alertmanager"),
    "redis-server": ("redis-server",),
    "redis_exporter": ("redis_exporter", "prometheus-redis-exporter"),
    "haproxy": ("haproxy",),
}


def program(name: str) -> str:
    """Its path. Exits with a sentence where it is not installed."""
    for spelling in NEEDED[name]:
        if found := shutil.which(spelling):
            return found
    sys.exit(f"The drill needs {name}: apt-get install " + " ".join(n[-1] for n in NEEDED.values()))


def free_port() -> int:
    """Below those that the system gives to connections, so that none takes it before its process does."""
    while True:
        port = random.randint(20_000, 30_000)  # noqa: S311 - not a secret
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Process:
    """One process, started with `start`, its output in a file."""

    def __init__(self, command: list[str], log: Path, **environment: object) -> None:
        self._command = command
        self._log = log
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SLIPWAY_")}
        self._environment = kept | {k: str(v) for k, v in environment.items()}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log
            )

    @property
    def pid(self) -> int:
        return self._running().pid

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError(f"not started: {self._command[0]}")
        return self._process

    def children(self) -> list[int]:
        said = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in said.split()]

    def request_processes(self) -> list[int]:
        """gunicorn's workers, without the metrics process."""
        return [pid for pid in self.children() if b"metrics_server" not in _command_of(pid)]

    def kill(self) -> None:
        """The process and its children, at once."""
        for pid in (*self.children(), self.pid):
            os.kill(pid, signal.SIGKILL)
        self._running().wait(10)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(40)
            except subprocess.TimeoutExpired:
                self.kill()


def _command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
