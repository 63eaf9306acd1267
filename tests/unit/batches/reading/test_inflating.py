"""Compressed bodies are inflated piece by piece."""

import gzip

import pytest

from slipway.batches.reading.inflating import inflated, limited
from slipway.core.errors import InvalidInput, TooLarge, UnsupportedMediaType
from support.pieces import in_pieces


@pytest.mark.parametrize("size", [1, 10, 1000])
@pytest.mark.parametrize("text", [b"", b"one row\n", b"many rows\n" * 100_000])
def test_a_gzip_body_is_inflated_however_it_is_cut(size: int, text: bytes) -> None:
    body = gzip.compress(text[:9]) + gzip.compress(text[9:])
    assert b"".join(inflated(in_pieces(body, size), "gzip")) == text


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"a row\n" * 100, mtime=0)[:-9]])
def test_a_broken_gzip_body_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        list(inflated([body], "gzip"))


def test_another_encoding_is_refused() -> None:
    with pytest.raises(UnsupportedMediaType):
        inflated([], "br")


def test_a_bomb_is_stopped_at_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with pytest.raises(TooLarge):
        list(limited(inflated([bomb], "gzip"), 1_000_000))
