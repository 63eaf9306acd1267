"""A header with the names of fields, then a row a record; an empty cell is a missing value."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any

from slipway.batches.reading.lines import lines_of, too_long
from slipway.core.errors import InvalidInput, InvalidJSON, Problem
from slipway.core.strict_json import parse
from slipway.model.signature import Field, Instance, Signature

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_INTEGER = re.compile(r"[-+]?\d{1,18}")


def csv_rows(
    pieces: Iterable[bytes], signature: Signature, *, max_row_bytes: int
) -> Iterator[Instance | InvalidInput]:
    """Raises InvalidInput for a header that does not fit the signature, and for broken quoting."""
    records = _records(_Lines(pieces, max_row_bytes))
    header = next(records, None)
    if header is None:
        raise InvalidInput("A CSV body starts with a header of field names.")
    fields = _fields(header, signature)
    for record in records:
        if not record:
            continue
        if len(record) != len(fields):
            yield InvalidInput(f"The row has {len(record)} cells, the header {len(fields)}.")
        else:
            yield {
                field.name: _value(field, cell) for field, cell in zip(fields, record, strict=True)
            }


class _Lines:
    """Lines as text, for the csv module; a record may span several, but not too many bytes."""

    def __init__(self, pieces: Iterable[bytes], max_row_bytes: int) -> None:
        decoded = codecs.iterdecode(lines_of(pieces, max_row_bytes), "utf-8-sig")
        self._lines = decoded
        self._max_row_bytes = max_row_bytes
        self.number = 0
        self.record_size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        try:
            line = next(self._lines)
        except UnicodeDecodeError:
            raise InvalidInput(f"Line {self.number + 1} is not UTF-8.") from None
        self.number += 1
        self.record_size += len(line)
        if self.record_size > self._max_row_bytes:
            raise too_long(self.number, self._max_row_bytes)
        return line


def _records(lines: _Lines) -> Iterator[list[str]]:
    reader = csv.reader(lines, strict=True)
    while True:
        lines.record_size = 0
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            raise InvalidInput(f"The CSV cannot be read at line {lines.number}: {wrong}.") from None


def _fields(header: list[str], signature: Signature) -> list[Field]:
    known = {field.name: field for field in signature.inputs}
    names = [name.strip() for name in header]
    problems = [
        Problem(name, "is not a field of this model") for name in names if name not in known
    ]
    problems += [
        Problem(name, "appears twice in the header") for name in set(names) if names.count(name) > 1
    ]
    problems += [
        Problem(field.name, "is required")
        for field in signature.inputs
        if field.required and field.name not in names
    ]
    if problems:
        first = problems[0]
        raise InvalidInput(
            f"The header does not fit the model: '{first.field}' {first.problem}.",
            problems=tuple(problems),
        )
    return [known[name] for name in names]


def _value(field: Field, cell: str) -> str | float | int | list[Any] | None:
    """The cell as the field's type, or as text where it is none: validation says so."""
    if field.type in ("text", "category"):
        return cell or None
    stripped = cell.strip()
    if not stripped:
        return None
    if field.type == "tensor":
        return _array(stripped, len(field.shape))
    if _INTEGER.fullmatch(stripped):
        return int(stripped)
    return float(stripped) if _NUMBER.fullmatch(stripped) else cell


def _array(cell: str, depth: int) -> str | list[Any]:
    """A tensor is written into its cell as JSON."""
    try:
        found = parse(cell.encode(), max_depth=depth)
    except (InvalidJSON, InvalidInput):
        return cell
    return found if isinstance(found, list) else cell
