"""The keys that are valid now: a mounted file, read again whenever it changes."""

import logging
from pathlib import Path
from typing import NamedTuple

from slipway.core.api_keys import LONGEST, ApiKey, find, read_keys
from slipway.core.errors import KeysInvalid
from slipway.core.shared_settings import KeysSettings

log = logging.getLogger(__name__)

Stamp = tuple[int, int, int]


class _Valid(NamedTuple):
    """Keys of one reading of the file, and by what callers sent those that were found; that is in this
    process's memory only, as every request's headers are, and forgotten with the reading."""

    keys: tuple[ApiKey, ...]
    sent: dict[str, ApiKey]


class KeyRing:
    """Looks at the file at each request (a `stat`, two microseconds), reads it where it is another.

    A file that became unreadable or wrong leaves the keys as they were and is logged once, so
    that a half-written file locks nobody out; an empty one locks out everybody.
    """

    def __init__(self, path: Path) -> None:
        """Raises KeysInvalid for a file that cannot be read."""
        self._path = path
        self._stamp: Stamp | None = self._look()
        self._valid = self._read()

    def find(self, presented: str) -> ApiKey | None:
        """The digest of what a valid caller sends is computed once; of anything else, each time."""
        self._refresh()
        valid, sent = self._valid, presented[:LONGEST]
        key = valid.sent.get(sent)
        if key is None:
            key = find(valid.keys, sent)
            if key is not None:
                valid.sent[sent] = key
        return key

    def named(self, key_id: str) -> ApiKey | None:
        """The key of this name, without proof that anybody has it."""
        self._refresh()
        return next((key for key in self._valid.keys if key.key_id == key_id), None)

    def _refresh(self) -> None:
        try:
            stamp = self._look()
        except KeysInvalid as wrong:
            self._keep(None, wrong)
            return
        if stamp == self._stamp:
            return
        try:
            self._valid = self._read()
        except KeysInvalid as wrong:
            self._keep(stamp, wrong)
            return
        self._stamp = stamp
        log.info("keys read", extra={"keys": len(self._valid.keys)})

    def _keep(self, stamp: Stamp | None, wrong: KeysInvalid) -> None:
        if stamp != self._stamp:
            self._stamp = stamp
            log.error("keys file refused, keys stay as they were", extra={"reason": str(wrong)})

    def _look(self) -> Stamp:
        """What differs when the file does, also when a mounted secret's link is swapped."""
        try:
            found = self._path.stat()
        except OSError as wrong:
            raise KeysInvalid(f"the keys file cannot be read: {wrong.strerror}") from None
        return found.st_mtime_ns, found.st_ino, found.st_size

    def _read(self) -> _Valid:
        try:
            return _Valid(read_keys(self._path.read_text("utf-8")), {})
        except OSError as wrong:
            raise KeysInvalid(f"the keys file cannot be read: {wrong.strerror}") from None
        except UnicodeDecodeError:
            raise KeysInvalid("the keys file is not UTF-8") from None


def key_ring(settings: KeysSettings) -> KeyRing | None:
    """The configured keys; None where they are switched off.

    Raises KeysInvalid where nobody said what is wanted: open by accident is worse than shut.
    """
    if settings.auth == "off":
        return None
    if settings.api_keys_file is None:
        raise KeysInvalid(
            "name the keys in SLIPWAY_API_KEYS_FILE (slipway keys create makes one), "
            "or say SLIPWAY_AUTH=off to answer everybody"
        )
    return KeyRing(settings.api_keys_file)
