"""A file system of a test's own that can fill up and turn read-only; needs no root."""

import subprocess
from pathlib import Path

from support.parts import absent

BALLAST = "ballast"


class SmallDisk:
    """Mounted at `folder` in a namespace: only processes that are started by `prefix` see it."""

    def __init__(self, folder: Path, size_bytes: int) -> None:
        self.folder = folder
        mount = f'mount -t tmpfs -o size={size_bytes} small "$0" && echo mounted && exec sleep 3600'
        try:
            self._holder = subprocess.Popen(
                ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, folder],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        except OSError as wrong:
            absent("user namespaces", str(wrong))
        assert self._holder.stdout is not None
        with self._holder.stdout as said:
            mounted = said.readline() == "mounted\n"
        if not mounted:
            self.stop()
            absent("user namespaces", "no file system could be mounted in one")

    @property
    def prefix(self) -> tuple[str, ...]:
        target = f"--target={self._holder.pid}"
        return ("nsenter", target, "--user", "--mount", "--preserve-credentials", "--wd=/", "--")

    @property
    def seen(self) -> Path:
        """The same folder, for those outside."""
        return Path(f"/proc/{self._holder.pid}/root") / self.folder.relative_to("/")

    def fill(self) -> None:
        """To the last byte."""
        script = 'cat /dev/zero > "$0" 2>/dev/null || true'
        self._run("sh", "-c", script, str(self.folder / BALLAST))

    def empty(self) -> None:
        self._run("rm", str(self.folder / BALLAST))

    def refuse_writes(self) -> None:
        self._run("mount", "-o", "remount,ro", str(self.folder))

    def take_writes(self) -> None:
        self._run("mount", "-o", "remount,rw", str(self.folder))

    def _run(self, *command: str) -> None:
        subprocess.run([*self.prefix, *command], check=True, timeout=60)

    def stop(self) -> None:
        self._holder.kill()
        self._holder.wait(10)
