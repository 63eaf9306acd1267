"""API keys: how one is made, what is kept of it, and which scopes it has.

A key is 32 random bytes. Only its SHA-256 is kept, one line a key in a file:

    # who      sha256 of the key as it is sent      what it may do
    shop-eu    5e884898da28047151d0e56f8dc62927…    predict,feedback

With 256 random bits a slow hash would protect nothing more.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from slipway.core.errors import KeysInvalid

KEY_PREFIX = "slipway_"  # so that scanners find one that leaked
KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
LONGEST = 512  # letters of a key that are looked at


class Scope(StrEnum):
    """What a key may do. `admin` may do everything, and see what belongs to other keys."""

    PREDICT = "predict"
    BATCH = "batch"
    FEEDBACK = "feedback"
    ADMIN = "admin"


@dataclass(frozen=True)
class ApiKey:
    """What is known of a key. key_id: its public name, in logs and events. digest: SHA-256, in hex."""

    key_id: str
    digest: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or Scope.ADMIN in self.scopes


def make_key() -> str:
    """A new key, as a caller sends it: 32 random bytes in URL-safe base 64 behind a prefix."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def line_of(key: ApiKey) -> str:
    """The key's line in the file."""
    return f"{key.key_id} {key.digest} {','.join(sorted(key.scopes))}\n"


def read_keys(text: str) -> tuple[ApiKey, ...]:
    """The keys of a file. Raises KeysInvalid that names the line and shows nothing of it."""
    keys: list[ApiKey] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        keys.append(_read_line(number, words))
    for field in ("key_id", "digest"):
        if len({getattr(key, field) for key in keys}) < len(keys):
            raise KeysInvalid(f"two lines of the keys file have the same {field}")
    return tuple(keys)


def _read_line(number: int, words: Sequence[str]) -> ApiKey:
    where = f"line {number} of the keys file"
    if len(words) != 3:
        raise KeysInvalid(f"{where} needs three words: id, SHA-256, scopes")
    key_id, digest, scopes = words
    if not KEY_ID.fullmatch(key_id):
        raise KeysInvalid(f"{where} names no key: letters, digits, '.', '_' and '-', at most 63")
    if not _DIGEST.fullmatch(digest):
        raise KeysInvalid(f"{where} has no SHA-256 of 64 lower-case hex digits")
    return ApiKey(key_id, digest, read_scopes(scopes))


def read_scopes(text: str) -> frozenset[Scope]:
    """`predict,feedback` as scopes. Raises KeysInvalid for a word that is none."""
    try:
        return frozenset(Scope(word) for word in text.split(","))
    except ValueError:
        raise KeysInvalid(f"scopes are one or more of {', '.join(Scope)}") from None


def find(keys: Iterable[ApiKey], presented: str) -> ApiKey | None:
    """The key that was presented; takes as long for a near miss as for any other."""
    digest = digest_of(presented[:LONGEST])
    found = None
    for key in keys:
        if hmac.compare_digest(key.digest, digest):
            found = key
    return found
