"""Rows into chunks in the store as they come, so that an upload never sits in memory."""

import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from slipway.batches import index
from slipway.batches.layout import input_key, upload_prefix
from slipway.core.errors import InvalidInput, TooLarge, Unavailable
from slipway.core.store import Store


@dataclass(frozen=True)
class ChunkLimits:
    """A chunk is closed at `rows` or beyond `size_bytes`; a batch has at most `total_rows`."""

    rows: int
    size_bytes: int
    total_rows: int


@dataclass
class ChunkCutter:
    """Collects input lines of one upload and creates an object for each full chunk."""

    store: Store
    batch_id: str
    limits: ChunkLimits
    now: datetime
    upload: str = field(default_factory=lambda: secrets.token_hex(8))
    chunk_rows: list[int] = field(default_factory=list)
    _lines: list[bytes] = field(default_factory=list)
    _size_bytes: int = 0
    _rows: int = 0

    @property
    def mark(self) -> str:
        """What tells that the upload was begun, should nobody be left to end it."""
        return index.upload_key(self.batch_id, self.upload, self.now)

    def add(self, line: bytes) -> None:
        """Raises TooLarge for a row beyond the batch's limit."""
        if self._rows >= self.limits.total_rows:
            raise TooLarge(f"A batch may have {self.limits.total_rows} rows, this one has more.")
        self._rows += 1
        self._lines.append(line)
        self._size_bytes += len(line)
        if len(self._lines) >= self.limits.rows or self._size_bytes >= self.limits.size_bytes:
            self._close_chunk()

    def finish(self) -> tuple[int, ...]:
        """The rows of each chunk, all in the store. Raises InvalidInput where there are none."""
        if self._lines:
            self._close_chunk()
        if not self.chunk_rows:
            raise InvalidInput("A batch must have at least one row.")
        return tuple(self.chunk_rows)

    def keep(self) -> None:
        """The manifest names this upload."""
        self.store.delete(self.mark)

    def discard(self) -> None:
        """Removes what was stored of this upload; a store that is away is cleared later."""
        with suppress(Unavailable):
            discard_upload(self.store, self.batch_id, self.upload)
            self.store.delete(self.mark)

    def _close_chunk(self) -> None:
        if not self.chunk_rows:
            index.put(self.store, self.mark)
        key = input_key(self.batch_id, self.upload, len(self.chunk_rows))
        self.store.create(key, b"\n".join((*self._lines, b"")))
        self.chunk_rows.append(len(self._lines))
        self._lines.clear()
        self._size_bytes = 0


def discard_upload(store: Store, batch_id: str, upload: str) -> None:
    """Removes an upload's chunks."""
    for entry in list(store.list(upload_prefix(batch_id, upload))):
        store.delete(entry.key)
