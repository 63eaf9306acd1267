"""A process that a test started: its output in a file, ended by id."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class RunningProcess:
    """Started at once; `log` holds what it printed."""

    def __init__(
        self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.log = log
        file = log.open("ab")
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SLIPWAY_")}
        self._process = subprocess.Popen(
            command,
            stdout=file,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=kept | dict(environment or {}),
        )
        file.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def send(self, signal_number: int) -> None:
        self._process.send_signal(signal_number)

    def wait(self, seconds: float = 30.0) -> int:
        """The exit status."""
        return self._process.wait(seconds)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def stop(self, seconds: float = 30.0) -> None:
        """SIGTERM, and SIGKILL for what is still there afterwards."""
        if self.running:
            self.send(signal.SIGTERM)
            try:
                self.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()


def children_of(pid: int) -> list[int]:
    """The process's children, from /proc."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in path.read_text().split()]


def command_line(pid: int) -> list[str]:
    """Its words; none of a process that has ended."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return words.decode().split("\0") if words else []
