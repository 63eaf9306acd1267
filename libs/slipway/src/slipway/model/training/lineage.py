"""lineage.json: what a version was made from, so that it can be made again."""

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from slipway import __version__

LIBRARIES = ("torch", "numpy", "safetensors")


def library_versions() -> dict[str, str]:
    """Python's and the libraries' versions that decide the weights."""
    installed = {name: version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), "slipway": __version__, **installed}


def commit_of(directory: Path) -> str | None:
    """The commit that is checked out in the directory, with `+changes` where files differ from it."""
    try:
        commit = _git(directory, "rev-parse", "HEAD")
        changed = _git(directory, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit + "+changes" if changed else commit


def _git(directory: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=directory, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def lineage(
    *,
    data_digest: str,
    rows: int,
    repeats: int,
    seed: int,
    hyperparameters: dict[str, Any],
    commit: str | None,
    duration_seconds: float,
    why: str,
    dataset: str | None = None,
) -> dict[str, Any]:
    """dataset: the digest under which the store keeps the training set."""
    data = {"sha256": data_digest, "rows": rows, "repeats_left_out": repeats}
    return {
        "data": data | ({"dataset": dataset} if dataset else {}),
        "seed": seed,
        "hyperparameters": hyperparameters,
        "libraries": library_versions(),
        "commit": commit,
        "duration_seconds": round(duration_seconds, 1),
        "why": why,
    }
