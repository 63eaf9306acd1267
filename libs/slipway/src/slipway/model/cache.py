"""Copies of stored versions on a machine's disk, shared by its processes.

A directory is named by its version's digest and appears whole. Whoever loads from it holds a
shared lock on it; only what nobody holds is removed. What is loaded stays loaded: a file that
is mapped outlives its name.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from slipway.model.registry import Registry, StoredVersion
from slipway.model.transfer import download

# A sibling may be about to load what this process no longer needs.
KEPT_SECONDS = 60.0
_DIGEST_CHARACTERS = 32


class ModelCache:
    """Versions of a registry below a folder."""

    def __init__(self, registry: Registry, folder: Path) -> None:
        self._registry = registry
        self._folder = folder

    @contextmanager
    def held(self, name: str, version: str) -> Iterator[Path]:
        """The version's directory, downloaded where it is not there; not removed meanwhile.

        Raises ModelNotFound, Unavailable, or ArtifactRefused for what is not as its manifest says.
        """
        stored = self._registry.version(name, version)
        target = self._directory(stored)
        lock = self._lock(target)
        while lock is None:
            download(self._registry, stored, target)
            lock = self._lock(target)
        try:
            yield target
        finally:
            os.close(lock)

    def _directory(self, stored: StoredVersion) -> Path:
        name = f"{stored.manifest.version}-{stored.digest[:_DIGEST_CHARACTERS]}"
        return self._folder / stored.manifest.name / name

    def _lock(self, target: Path) -> int | None:
        """A shared lock on the directory; None where there is none."""
        try:
            lock = os.open(target, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            return None
        fcntl.flock(lock, fcntl.LOCK_SH)
        try:
            os.utime(target)
        except FileNotFoundError:  # it was removed before the lock was ours
            os.close(lock)
            return None
        return lock

    def tidy(self, name: str, loaded: Collection[str]) -> None:
        """Removes versions of other digests than `loaded` that nobody holds or held a minute ago."""
        kept = {digest[:_DIGEST_CHARACTERS] for digest in loaded}
        folder = self._folder / name
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name.rpartition("-")[2] not in kept:
                _remove_unheld(path)


def _remove_unheld(path: Path) -> None:
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if time.time() - os.fstat(lock).st_mtime > KEPT_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
    except BlockingIOError:
        return
    finally:
        os.close(lock)
