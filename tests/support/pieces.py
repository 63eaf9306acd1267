"""A body as it comes over a network: in pieces."""

from collections.abc import Iterator


def in_pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))
