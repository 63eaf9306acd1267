"""Rows as they were sent into lines as they are stored."""

from collections.abc import Iterable, Iterator
from typing import Any

from slipway.batches.rows import bad_row, good_row
from slipway.core.errors import InvalidInput, InvalidJSON
from slipway.model.signature import Signature
from slipway.model.validation import checked_instance


def validated_lines(signature: Signature, rows: Iterable[Any]) -> Iterator[bytes]:
    """Each row as it is stored: ready for the model, or with what is wrong with it."""
    for row in rows:
        if isinstance(row, InvalidInput | InvalidJSON):
            yield bad_row(row)
            continue
        try:
            yield good_row(checked_instance(signature, row))
        except InvalidInput as wrong:
            yield bad_row(wrong)
