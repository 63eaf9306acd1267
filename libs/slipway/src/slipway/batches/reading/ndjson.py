"""One instance a line. Empty lines are no rows."""

from collections.abc import Iterable, Iterator
from typing import Any

from slipway.batches.reading.lines import lines_of
from slipway.core.errors import InvalidInput, InvalidJSON
from slipway.core.strict_json import parse


def ndjson_rows(
    pieces: Iterable[bytes], *, max_row_bytes: int, max_depth: int
) -> Iterator[Any | InvalidInput | InvalidJSON]:
    """A line that cannot be read is a bad row, not a bad body."""
    for line in lines_of(pieces, max_row_bytes):
        if not line.strip():
            continue
        try:
            yield parse(line, max_depth=max_depth)
        except (InvalidJSON, InvalidInput) as wrong:
            yield wrong
