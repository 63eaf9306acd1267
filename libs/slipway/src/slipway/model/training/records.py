"""Files of training data as records: a dictionary of strings for each row."""

import csv
import io
from collections.abc import Sequence

from slipway.core.errors import DataInvalid

Record = dict[str, str]


def decoded(body: bytes, file: str, encoding: str) -> str:
    """The text; UTF-8 is tried first, since copies are often converted."""
    for name in dict.fromkeys(("utf-8", encoding)):
        try:
            return body.decode(name)
        except UnicodeDecodeError as wrong:
            where = wrong.start
    raise DataInvalid(f"{file} is not UTF-8 at byte {where}.")


def labelled_lines(text: str, columns: Sequence[str], file: str) -> list[Record]:
    """Lines of tab-separated columns. Quotes are ordinary characters, only LF ends a line."""
    records = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        cells = line.removesuffix("\r").split("\t", len(columns) - 1)
        if len(cells) != len(columns):
            raise DataInvalid(f"{file}, line {number}: {len(cells)} columns, not {len(columns)}.")
        records.append(dict(zip(columns, cells, strict=True)))
    return records


def csv_rows(text: str, columns: Sequence[str], file: str) -> list[Record]:
    """Comma-separated values; the first line names the columns where `columns` does not."""
    reader = csv.reader(io.StringIO(text), skipinitialspace=True, strict=True)
    records: list[Record] = []
    try:
        names = list(columns) or next(reader, [])
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(names):
                found = f"{len(cells)} columns, not {len(names)}"
                raise DataInvalid(f"{file}, line {reader.line_num}: {found}.")
            records.append({k: v.strip() for k, v in zip(names, cells, strict=True)})
    except csv.Error as wrong:
        raise DataInvalid(f"{file}, line {reader.line_num}: {wrong}.") from None
    return records


FORMATS = {"labelled-lines": labelled_lines, "csv": csv_rows}
