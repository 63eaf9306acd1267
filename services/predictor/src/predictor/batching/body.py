"""A batch's body as it comes: bounded, inflated, and remembered by its digest."""

import hashlib
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

from flask import Request

from slipway.batches.reading.inflating import inflated, limited

_PIECE_BYTES = 16_384
# After each piece, so that a prediction beside a large upload has the processor at once.
_PAUSE_SECONDS = 0.0002


class Body:
    """Read once, piece by piece. digest: of what asks for the same, known when all was read."""

    def __init__(
        self, request: Request, max_bytes: int, pause: Callable[[float], None] = time.sleep
    ) -> None:
        # The framework drops what is over its limit in silence; `limited` does not.
        request.max_content_length = max_bytes + 1
        self._stream: BinaryIO = request.stream  # type: ignore[assignment]
        self._encoding = request.headers.get("Content-Encoding", "").strip().lower()
        self._max_bytes = max_bytes
        self._pause = pause
        asked = (request.mimetype, *request.args.items())
        self._digest = hashlib.sha256(repr(asked).encode())

    def pieces(self) -> Iterator[bytes]:
        """Inflated. Raises TooLarge, InvalidInput or UnsupportedMediaType."""
        raw = limited(self._read(), self._max_bytes)
        for piece in limited(inflated(raw, self._encoding), self._max_bytes):
            self._digest.update(piece)
            yield piece

    def _read(self) -> Iterator[bytes]:
        while piece := self._stream.read(_PIECE_BYTES):
            yield piece
            self._pause(_PAUSE_SECONDS)

    def digest(self) -> str:
        return self._digest.hexdigest()
