"""The sample: rows like those that the model will be asked, from JSON, NDJSON, CSV or arrays."""

import csv
import hashlib
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from slipway.core.errors import PackagingRefused, Refusal
from slipway.core.strict_json import parse

Row = dict[str, Any]
_DEPTH = 32
FEWEST = 2


@dataclass(frozen=True)
class Sample:
    """targets: the true answers, where the sample has them. digest: SHA-256 of the file."""

    rows: Sequence[Row]
    digest: str
    targets: Sequence[Any] = ()


def read_sample(path: Path, target: str = "") -> Sample:
    """Raises PackagingRefused with the line, or with what a sample may be."""
    if not path.is_file():
        raise PackagingRefused(f"There is no sample {path}.")
    body = path.read_bytes()
    try:
        rows = _READERS[path.suffix](body)
    except KeyError:
        kinds = ", ".join(_READERS)
        raise PackagingRefused(f"A sample is one of {kinds}, not {path.name}.") from None
    except (Refusal, ValueError) as wrong:
        raise PackagingRefused(f"{path}: {wrong}") from None
    return sample_of(rows, hashlib.sha256(body).hexdigest(), target)


def sample_of(rows: Sequence[Row], digest: str, target: str = "") -> Sample:
    """Raises PackagingRefused for too few rows, or without the target."""
    if len(rows) < FEWEST or not all(isinstance(row, dict) and row for row in rows):
        raise PackagingRefused(
            f"A sample has {FEWEST} rows at least, each an object with its fields."
        )
    if not target:
        return Sample(rows, digest)
    if any(row.get(target) is None for row in rows):
        raise PackagingRefused(f"Not every row of the sample has the target {target!r}.")
    bare = [{name: row[name] for name in row if name != target} for row in rows]
    return Sample(bare, digest, [row[target] for row in rows])


def _json(body: bytes) -> list[Row]:
    value = parse(body, max_depth=_DEPTH)
    rows = value.get("instances") if isinstance(value, dict) else value
    if not isinstance(rows, list):
        raise ValueError("is no array of rows, and no object with `instances`")
    return rows


def _ndjson(body: bytes) -> list[Row]:
    return [parse(line, max_depth=_DEPTH) for line in body.splitlines() if line.strip()]


def _csv(body: bytes) -> list[Row]:
    """A column is of numbers where each of its cells is one, or empty."""
    reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
    rows: list[Row] = list(reader)
    if any(None in row or None in row.values() for row in rows):
        raise ValueError("some row has another number of cells than the header")
    for name in reader.fieldnames or ():
        cells = [row[name] for row in rows]
        read = _number if all(_is_number(cell) for cell in cells) else _text
        for row in rows:
            row[name] = read(row[name])
    return rows


def _is_number(cell: str) -> bool:
    try:
        return not cell.strip() or math.isfinite(float(cell))
    except ValueError:
        return False


def _number(cell: str) -> float | None:
    return float(cell) if cell.strip() else None


def _text(cell: str) -> str | None:
    return cell or None


def _arrays(body: bytes) -> list[Row]:
    """np.savez(file, name=array, …): a field for each array, a row for each of its first dimension."""
    with np.load(io.BytesIO(body), allow_pickle=False) as archive:
        arrays = {name: archive[name].tolist() for name in archive.files}
    if len({len(values) for values in arrays.values()}) != 1:
        raise ValueError("its arrays differ in their first dimension")
    return [dict(zip(arrays, row, strict=True)) for row in zip(*arrays.values(), strict=True)]


_READERS = {".json": _json, ".ndjson": _ndjson, ".jsonl": _ndjson, ".csv": _csv, ".npz": _arrays}
