"""Copies of stored versions on a machine's disk, shared by its processes.

A directory is named by its version's digest and appears whole; of the processes that want one, one
downloads it. Whoever loads from it holds a shared lock on it; only what nobody holds is removed.
What is loaded stays loaded: a file that is mapped outlives its name.
"""

import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from slipway.core.errors import CacheFull
from slipway.core.shared_settings import ModelCacheSettings
from slipway.model.registry import Registry, StoredVersion
from slipway.model.transfer import download

# A sibling may be about to load what this process no longer needs.
KEPT_SECONDS = 60.0
_DIGEST_CHARACTERS = 32


class ModelCache:
    """Versions of a registry below a folder, at most `max_bytes` of them (0: as many as there are)."""

    def __init__(self, registry: Registry, folder: Path, max_bytes: int = 0) -> None:
        self._registry = registry
        self._folder = folder
        self._max_bytes = max_bytes

    @classmethod
    def from_settings(cls, registry: Registry, settings: ModelCacheSettings) -> "ModelCache":
        folder = settings.model_cache or Path(tempfile.gettempdir()) / "slipway-models"
        return cls(registry, folder, settings.model_cache_max_bytes)

    @contextmanager
    def held(self, name: str, version: str) -> Iterator[Path]:
        """The version's directory, downloaded where it is not there; not removed meanwhile.

        Raises ModelNotFound, Unavailable, CacheFull where it has no room, or ArtifactRefused for
        what is not as its manifest says.
        """
        stored = self._registry.version(name, version)
        target = self._directory(stored)
        lock = self._lock(target)
        while lock is None:
            self._fetch(stored, target)
            lock = self._lock(target)
        try:
            yield target
        finally:
            os.close(lock)

    def size_bytes(self) -> int:
        """Of all versions that are here now."""
        return sum(map(_size_of, self._versions()))

    def _fetch(self, stored: StoredVersion, target: Path) -> None:
        """One process at a time: the others then find what it has fetched, and room is counted once."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".fetching").open("w") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)
            if target.is_dir():
                return
            for abandoned in self._folder.glob("*/.*"):  # by a process that was killed
                shutil.rmtree(abandoned, ignore_errors=True)
            self._make_room(stored)
            try:
                download(self._registry, stored, target)
            except OSError as wrong:
                if wrong.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                raise CacheFull(f"The model cache's disk is full: {wrong.strerror}.") from None

    def _make_room(self, stored: StoredVersion) -> None:
        """Removes what was used longest ago and nobody holds. Raises CacheFull."""
        if not self._max_bytes:
            return
        size, oldest_first = stored.size_bytes, sorted(self._versions(), key=_used_at)
        free = self._max_bytes - sum(map(_size_of, oldest_first))
        for path in oldest_first:
            if free >= size:
                return
            freed = _size_of(path)
            if size <= self._max_bytes and _remove_unheld(path, kept_seconds=0):
                free += freed
        if free < size:
            name, version = stored.manifest.name, stored.manifest.version
            raise CacheFull(
                f"The model cache may have {self._max_bytes} bytes and has {max(free, 0)} left; "
                f"{name} {version} needs {size} (SLIPWAY_MODEL_CACHE_MAX_BYTES)."
            )

    def _versions(self) -> list[Path]:
        return [path for path in self._folder.glob("*/*") if not path.name.startswith(".")]

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
            if not path.name.startswith(".") and path.name.rpartition("-")[2] not in kept:
                _remove_unheld(path, KEPT_SECONDS)


def _remove_unheld(path: Path, kept_seconds: float) -> bool:
    """Whether it is gone now."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if time.time() - os.fstat(lock).st_mtime < kept_seconds:
            return False
        shutil.rmtree(path, ignore_errors=True)
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(lock)


def _used_at(path: Path) -> float:
    """When somebody held it last; now for what is gone."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _size_of(path: Path) -> int:
    try:
        return sum(entry.stat().st_size for entry in os.scandir(path))
    except FileNotFoundError:  # removed meanwhile
        return 0
