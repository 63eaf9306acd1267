"""A compressed body inflated as it comes, so that a small one cannot grow without bound."""

import zlib
from collections.abc import Iterable, Iterator

from slipway.core.errors import InvalidInput, TooLarge, UnsupportedMediaType

_PIECE_BYTES = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS


def inflated(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """encoding: the header Content-Encoding. Raises UnsupportedMediaType for one that is not read."""
    if encoding in ("", "identity"):
        return iter(pieces)
    if encoding == "gzip":
        return _gunzip(pieces)
    raise UnsupportedMediaType("Send the body as it is or with Content-Encoding: gzip.")


def _gunzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Several gzip members one behind the other are one body."""
    inflater = zlib.decompressobj(_GZIP)
    begun = False
    try:
        for piece in pieces:
            begun, rest, more = True, piece, True
            while more:
                if inflater.eof:
                    inflater = zlib.decompressobj(_GZIP)
                text = inflater.decompress(rest, _PIECE_BYTES)
                if text:
                    yield text
                rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
                more = bool(rest) or (len(text) == _PIECE_BYTES and not inflater.eof)
    except zlib.error:
        raise InvalidInput("The body is not gzip.") from None
    if begun and not inflater.eof:
        raise InvalidInput("The gzip body ends in the middle.")


def limited(pieces: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Raises TooLarge as soon as there are more."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > max_bytes:
            raise TooLarge(f"A batch's body may have {max_bytes} bytes, inflated.")
        yield piece
