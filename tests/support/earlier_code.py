"""The project as an earlier commit left it, run beside today's."""

import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

from support.parts import absent
from support.predictor_process import REPOSITORY

SOURCES = (
    "libs/slipway/src",
    "services/predictor/src",
    "services/worker/src",
    "services/monitor/src",
)
# Which one: any name that git knows a commit by. Not SLIPWAY_…, which no process would know.
REVISION = os.environ.get("EARLIER_COMMIT", "HEAD~1")


class EarlierCode:
    """Unpacked into a folder; `settings` makes a process of ours run it."""

    def __init__(self, folder: Path) -> None:
        git = ["git", "-C", str(REPOSITORY), "archive", "--format=tar", REVISION, "--"]
        done = subprocess.run([*git, *SOURCES, "models"], capture_output=True, check=False)
        if done.returncode:
            absent("history", f"git has no {REVISION} here: {done.stderr.decode().strip()}")
        with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        self._folder = folder
        path = os.pathsep.join(str(folder / each) for each in SOURCES)
        self.settings = {"PYTHONPATH": path}

    @property
    def models(self) -> Path:
        """What its image carried."""
        return self._folder / "models"

    def place_of(self, module: str) -> Path:
        """Where a process with the settings finds it."""
        said = subprocess.run(
            [sys.executable, "-c", f"import {module}; print({module}.__file__)"],
            env=os.environ | self.settings,
            capture_output=True,
            text=True,
            check=True,
        )
        return Path(said.stdout.strip())
