"""Rows into chunks in the store as they come, so that an upload never sits in memory."""

import secrets
from dataclasses import dataclass, field

from slipway.batches.layout import input_key, upload_prefix
from slipway.core.errors import InvalidInput, TooLarge
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
    upload: str = field(default_factory=lambda: secrets.token_hex(8))
    chunk_rows: list[int] = field(default_factory=list)
    _lines: list[bytes] = field(default_factory=list)
    _size_bytes: int = 0
    _rows: int = 0

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
        """The rows of each chunk, all of them in the store. Raises InvalidInput where there are none."""
        if self._lines:
            self._close_chunk()
        if not self.chunk_rows:
            raise InvalidInput("A batch must have at least one row.")
        return tuple(self.chunk_rows)

    def discard(self) -> None:
        """Removes what was stored of this upload."""
        for entry in list(self.store.list(upload_prefix(self.batch_id, self.upload))):
            self.store.delete(entry.key)

    def _close_chunk(self) -> None:
        key = input_key(self.batch_id, self.upload, len(self.chunk_rows))
        self.store.create(key, b"\n".join((*self._lines, b"")))
        self.chunk_rows.append(len(self._lines))
        self._lines.clear()
        self._size_bytes = 0
