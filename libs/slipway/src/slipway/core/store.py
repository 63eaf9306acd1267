"""The store: objects by key in a folder or an S3-compatible bucket, chosen by URL.

Create-if-absent is the only atomic operation, since it is the only one that both have.
An object is there whole or not at all; nothing is ever overwritten.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import chain
from typing import NamedTuple, TypeVar

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError

from slipway.core.errors import Conflict, NotFound, Unavailable
from slipway.core.shared_settings import StoreSettings
from slipway.core.store_backends import Backend, open_backend

# A larger body goes up in parts, under a key of its own, and is then given its name.
SINGLE_PUT_BYTES = 8_000_000
UPLOADS = ".uploads/"
_PART_BYTES = 5 * 1024 * 1024
_PARTS_AT_ONCE = 2
_PIECE_BYTES = 1 << 20
_LISTED_AT_ONCE = 1000

T = TypeVar("T")


class Entry(NamedTuple):
    """An object as a listing knows it. is_link: a symbolic link in a folder, which no writer here makes."""

    key: str
    size_bytes: int
    modified_at: datetime
    is_link: bool = False


class Store:
    """Keys are relative, with `/` between their parts. Raises Unavailable when the store is away."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def url(self) -> str:
        """Where it is, without credentials: for messages."""
        return self._backend.url

    def create(self, key: str, body: bytes | Iterable[bytes]) -> None:
        """Puts a new object, in memory bounded whatever its size. Raises Conflict where one is.

        Not repeated by itself: after Unavailable the object may be there or not.
        """
        if isinstance(body, bytes) and len(body) <= SINGLE_PUT_BYTES:
            return self._put_whole(key, body)
        pieces = iter(_slices(body) if isinstance(body, bytes) else body)
        start = _read_up_to(pieces, SINGLE_PUT_BYTES)
        if len(start) <= SINGLE_PUT_BYTES:
            return self._put_whole(key, start)
        return self._put_in_parts(key, chain((start,), pieces))

    def _put_whole(self, key: str, body: bytes) -> None:
        with self._facts(key):
            obstore.put(self._backend.writer(), key, body, mode="create", use_multipart=False)

    def _put_in_parts(self, key: str, pieces: Iterable[bytes]) -> None:
        partial = UPLOADS + secrets.token_hex(16)
        source = _Source(pieces)
        try:
            with self._facts(key, source):
                writer = self._backend.writer()
                obstore.put(
                    writer,
                    partial,
                    source,
                    use_multipart=True,
                    chunk_size=_PART_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                )
                obstore.copy(writer, partial, key, overwrite=False)
        finally:
            self._discard(partial)

    def _discard(self, partial: str) -> None:
        """What cannot be removed now is left to delete_abandoned_uploads."""
        with suppress(Unavailable):
            self.delete(partial)

    def read(self, key: str) -> bytes:
        """The whole object. Raises NotFound."""
        with self._facts(key):
            self._backend.guard(key)
            return obstore.get(self._backend.reader(), key).bytes().to_bytes()

    def stream(self, key: str) -> Iterator[bytes]:
        """The object in pieces of about a megabyte. Raises NotFound at once, not at the first piece."""
        with self._facts(key):
            self._backend.guard(key)
            pieces = obstore.get(self._backend.reader(), key).stream(min_chunk_size=_PIECE_BYTES)
        return map(bytes, self._each(key, iter(pieces)))

    def exists(self, key: str) -> bool:
        try:
            with self._facts(key):
                self._backend.guard(key)
                obstore.head(self._backend.reader(), key)
        except NotFound:
            return False
        return True

    def list(self, prefix: str = "", after: str | None = None) -> Iterator[Entry]:
        """Objects below `prefix` (whole parts: `a/b` does not list `a/bc`), ordered by key.

        after: only keys behind this one.
        """
        for entry in self._backend.ordered(self._entries(prefix, after)):
            if not entry.key.startswith(UPLOADS):
                yield entry

    def _entries(self, prefix: str, after: str | None) -> Iterator[Entry]:
        with self._facts(prefix):
            found = obstore.list(
                self._backend.reader(), prefix, offset=after, chunk_size=_LISTED_AT_ONCE
            )
        for chunk in self._each(prefix, iter(found)):
            for meta in chunk:
                key = meta["path"]
                yield Entry(key, meta["size"], meta["last_modified"], self._backend.is_link(key))

    def folders(self, prefix: str = "") -> Sequence[str]:
        """The next parts of keys below `prefix` that have parts behind them, in order."""
        with self._facts(prefix):
            found = obstore.list_with_delimiter(self._backend.reader(), prefix)
        names = sorted(path.rpartition("/")[2] for path in found["common_prefixes"])
        return [name for name in names if name != UPLOADS.rstrip("/")]

    def delete(self, key: str) -> None:
        """Nothing happens where there is no object."""
        with suppress(NotFound), self._facts(key):
            obstore.delete(self._backend.writer(), key)

    def delete_abandoned_uploads(self, before: datetime) -> int:
        """Removes what writers that were killed left without a name; how many."""
        abandoned = [e for e in self._entries(UPLOADS, None) if e.modified_at < before]
        for entry in abandoned:
            self.delete(entry.key)
        return len(abandoned)

    def check_reachable(self) -> None:
        """Raises Unavailable, within the time-out, where the store does not answer."""
        next(self._entries(UPLOADS, None), None)

    def _each(self, key: str, found: Iterator[T]) -> Iterator[T]:
        while True:
            with self._facts(key):
                item = next(found, None)
            if item is None:
                return
            yield item

    @contextmanager
    def _facts(self, key: str, source: "_Source | None" = None) -> Iterator[None]:
        """What the backend raises, as facts; what the caller's own source raised, as it is."""
        try:
            yield
        except AlreadyExistsError:
            message = f"{key} is in the store already, and nothing there is replaced."
            raise Conflict(message) from None
        except (BaseError, OSError) as wrong:
            if source is not None and source.failed:
                raise
            if isinstance(wrong, FileNotFoundError):
                self._backend.reader()  # a store that is away says so itself
                raise NotFound(f"There is no {key} in the store.") from None
            reason = str(wrong).partition("\n")[0]
            message = f"The store {self.url} is away: {reason}"
            raise Unavailable(message, retry_after_seconds=5) from None


class _Source:
    """The caller's pieces, remembering whether they broke."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self.failed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except StopIteration:
            raise
        except BaseException:
            self.failed = True
            raise


def _slices(body: bytes) -> Iterator[bytes]:
    return (body[start : start + _PART_BYTES] for start in range(0, len(body), _PART_BYTES))


def _read_up_to(pieces: Iterator[bytes], size: int) -> bytes:
    """The pieces joined: all of them, or as many as exceed `size`."""
    start = bytearray()
    for piece in pieces:
        start += piece
        if len(start) > size:
            break
    return bytes(start)


def open_store(settings: StoreSettings) -> Store:
    """The store of the settings; connects only when used.

    Raises Unavailable where none is set, UnknownSetting where the setting is wrong.
    """
    return Store(open_backend(settings))
