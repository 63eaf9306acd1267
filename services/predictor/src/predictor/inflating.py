"""Compressed bodies, inflated up to a limit: a kilobyte may stand for a gigabyte."""

import zlib

from slipway.core.errors import InvalidInput, TooLarge, UnsupportedMediaType

_GZIP, _ZLIB, _RAW = 31, 15, -15


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """What `body` stands for. encoding: the Content-Encoding, empty for none.

    Raises UnsupportedMediaType for one that is not read, TooLarge beyond limit bytes, InvalidInput
    for a damaged body.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    if name in ("gzip", "x-gzip"):
        return _inflate(body, _GZIP, limit)
    if name == "deflate":  # zlib's format by the standard, a bare stream by some who misread it
        return _inflate(body, _ZLIB if _is_zlib(body) else _RAW, limit)
    raise UnsupportedMediaType("The body may be compressed with gzip or deflate.")


def _is_zlib(body: bytes) -> bool:
    return len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2]) % 31 == 0


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    whole = bytearray()
    rest = body
    while rest or not whole:
        stream = zlib.decompressobj(window)
        try:
            whole += stream.decompress(rest, limit + 1 - len(whole))
        except zlib.error:
            raise InvalidInput("The body is not what its Content-Encoding says.") from None
        if len(whole) > limit:
            raise TooLarge(f"The body is larger than {limit} bytes once it is inflated.")
        if not stream.eof:
            raise InvalidInput("The compressed body ends too early.")
        rest = stream.unused_data
        if window != _GZIP and rest:  # only gzip may hold several, one behind the other
            raise InvalidInput("The compressed body goes on after its end.")
        if not whole and not rest:
            break
    return bytes(whole)
