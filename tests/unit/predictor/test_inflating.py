"""Compressed bodies: what is read, and what a small one may not become."""

import gzip
import zlib

import pytest

from predictor.inflating import inflate
from slipway.core.errors import InvalidInput, TooLarge, UnsupportedMediaType

TEXT = b'{"message": "hello"}' * 100


def raw_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(body) + stream.flush()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (gzip.compress(TEXT, mtime=0), "gzip"),
        (gzip.compress(TEXT, mtime=0), " GZip "),
        (gzip.compress(TEXT[:50], mtime=0) + gzip.compress(TEXT[50:], mtime=0), "gzip"),
        (zlib.compress(TEXT), "deflate"),
        (raw_deflate(TEXT), "deflate"),
    ],
)
def test_each_encoding_gives_the_body_back(body: bytes, encoding: str) -> None:
    assert inflate(body, encoding, limit=len(TEXT)) == TEXT


def test_a_bomb_is_refused_after_reading_as_much_as_is_allowed() -> None:
    bomb = gzip.compress(bytes(100_000_000))
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge, match="1000 bytes"):
        inflate(bomb, "gzip", limit=1000)
    with pytest.raises(TooLarge):
        inflate(gzip.compress(bytes(600)) * 2, "gzip", limit=1000)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"", "gzip"),
        (b"plain", "gzip"),
        (gzip.compress(TEXT, mtime=0)[:-1], "gzip"),
        (gzip.compress(TEXT, mtime=0) + b"more", "gzip"),
        (zlib.compress(TEXT) + b"more", "deflate"),
        (b"plain", "deflate"),
        (b"", "deflate"),
    ],
)
def test_a_damaged_body_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(InvalidInput):
        inflate(body, encoding, limit=10_000)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip,identity"])
def test_an_encoding_that_is_not_read_is_named(encoding: str) -> None:
    with pytest.raises(UnsupportedMediaType, match="gzip or deflate"):
        inflate(TEXT, encoding, limit=10_000)
