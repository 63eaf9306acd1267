"""Pieces of a body as lines."""

from collections.abc import Iterable, Iterator

from slipway.core.errors import TooLarge


def lines_of(pieces: Iterable[bytes], max_row_bytes: int) -> Iterator[bytes]:
    """Lines with their ends. Raises TooLarge for one that is longer than a row may be."""
    number = 0
    kept = b""
    for piece in pieces:
        lines = (kept + piece).split(b"\n")
        kept = lines.pop()
        for line in lines:
            number += 1
            if len(line) > max_row_bytes:
                raise too_long(number, max_row_bytes)
            yield line + b"\n"
        if len(kept) > max_row_bytes:
            raise too_long(number + 1, max_row_bytes)
    if kept:
        yield kept


def too_long(line: int, max_row_bytes: int) -> TooLarge:
    return TooLarge(f"Line {line} is longer than {max_row_bytes} bytes.")
