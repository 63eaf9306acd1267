"""A server under measurement: started, asked for a right answer, weighed, stopped."""

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from benchmarks.models import questions
from benchmarks.ports import free_port
from benchmarks.servers import REPOSITORY, Server

START_SECONDS = 120.0


class NotServing(Exception):
    """A server that did not start, or answers wrong; with the end of what it said."""


class Running:
    """Started on a free port; leaving the block stops every process of it."""

    def __init__(
        self, server: Server, model: str, features: bool, more: Mapping[str, str], log: Path
    ) -> None:
        self.server, self.model = server, model
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}{server.path}"
        self.headers = {"Content-Type": "application/json"}
        if "BENCH_KEY" in more:
            self.headers["Authorization"] = f"Bearer {more['BENCH_KEY']}"
        self._log = log
        self._environment = server.surroundings(model, self.port, features) | dict(more)
        self.start_seconds = 0.0

    def __enter__(self) -> Self:
        began = time.perf_counter()
        command = self.server.command(self.server.python(), self.model, self.port)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=REPOSITORY,
                start_new_session=True,
            )
        try:
            self._wait(began + START_SECONDS)
        except BaseException:
            self.__exit__()
            raise
        self.start_seconds = time.perf_counter() - began
        return self

    def _wait(self, deadline: float) -> None:
        while True:
            try:
                self.ask(questions(self.model, 1)[0])
                return
            except OSError as wrong:
                if self._process.poll() is not None or time.perf_counter() > deadline:
                    tail = self._log.read_text(errors="replace")[-1500:]
                    raise NotServing(f"{self.server.name} ({wrong}): {tail}") from None
                time.sleep(0.02)

    def ask(self, instance: dict[str, Any]) -> dict[str, Any]:
        """The answer to one instance. Raises OSError where there is none."""
        request = urllib.request.Request(self.url, self.body(instance), self.headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return self.server.unwrap(json.loads(response.read()))

    def body(self, instance: dict[str, Any]) -> bytes:
        return json.dumps(self.server.wrap(instance)).encode()

    def processes(self) -> list[int]:
        """Every process of the server: its session's, and their descendants in sessions of their own."""
        alive = {int(p.name): _parent_and_session(p) for p in Path("/proc").glob("[0-9]*")}
        found = {pid for pid, (_, session) in alive.items() if session == self._process.pid}
        while more := {pid for pid, (parent, _) in alive.items() if parent in found} - found:
            found |= more
        return sorted(found)

    def pss_megabytes(self) -> float:
        """Proportional set size of all its processes."""
        total = 0
        for pid in self.processes():
            try:
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
            total += int(line.split()[1])
        return total / 1024

    def cpu_seconds(self) -> float:
        """Processor time that its living processes have taken."""
        ticks = os.sysconf("SC_CLK_TCK")
        return sum(_cpu_ticks(Path(f"/proc/{pid}")) for pid in self.processes()) / ticks

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(15)
        for pid in self.processes():
            subprocess.run(["kill", "-KILL", str(pid)], stderr=subprocess.DEVNULL, check=False)
        self._process.wait(5)


def _cpu_ticks(folder: Path) -> int:
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def _parent_and_session(folder: Path) -> tuple[int, int]:
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1, -1
    return int(fields[1]), int(fields[3])
