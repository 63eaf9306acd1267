"""Training data as rows: an instance and its target, in the files' order, repeated texts left out."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.core.errors import DataInvalid, RecipeInvalid
from slipway.model.signature import Field, Instance
from slipway.model.training.recipe import DataFile, Recipe, fields_of
from slipway.model.training.records import FORMATS, Record, decoded


@dataclass(frozen=True)
class Rows:
    """instances, targets (labels or numbers) and groups (the column `evaluation.by`) of one length.

    digest: SHA-256 of the files as they were read. repeats: how many were left out. held_back: the
    row numbers to evaluate on, where the data says itself; they are what traffic looks like now.
    """

    instances: Sequence[Instance]
    targets: Sequence[str] | Sequence[float]
    digest: str
    repeats: int
    groups: Sequence[str] = ()
    held_back: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.targets)


def read_rows(recipe: Recipe, path: Path) -> Rows:
    """Reads the recipe's files below a folder, or the one file given.

    Raises DataInvalid with the line number, RecipeInvalid for a column that the data lacks.
    """
    fields, parts = fields_of(recipe), recipe.data.parts()
    if not path.is_dir() and len(parts) > 1:
        raise DataInvalid(f"The recipe {recipe.name} reads {len(parts)} files: give their folder.")
    records, digest = [], hashlib.sha256()
    for part in parts:
        body = _read(path / part.path if path.is_dir() else path)
        digest.update(body)
        records += _records(recipe, fields, part, body)
    return _rows(recipe, fields, records, digest.hexdigest())


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise DataInvalid(f"There is no file {file}.")
    return file.read_bytes()


def _records(recipe: Recipe, fields: Sequence[Field], part: DataFile, body: bytes) -> list[Record]:
    file = Path(part.path).name
    text = decoded(body, file, part.encoding)
    found = FORMATS[recipe.data.format](text, part.columns or recipe.data.columns, file)
    if found:
        _refuse_unknown_columns(recipe, fields, found[0] | part.constants)
    return [record | part.constants for record in found]


def _refuse_unknown_columns(recipe: Recipe, fields: Sequence[Field], record: Record) -> None:
    by = [recipe.evaluation.by] if recipe.evaluation.by else []
    for name in (recipe.target.column, *by, *(field.name for field in fields)):
        if name not in record:
            raise RecipeInvalid(f"The data has no column {name!r}.")


def _rows(recipe: Recipe, fields: Sequence[Field], records: list[Record], digest: str) -> Rows:
    """Texts that differ only in case and white space are taken once."""
    by = recipe.evaluation.by
    texts = [field.name for field in fields if field.type == "text"]
    seen: set[tuple[str, ...]] = set()
    instances, targets, groups = [], [], []
    for number, record in enumerate(records, start=1):
        target = _target(recipe, record, number)
        key = tuple(" ".join(record[name].split()).casefold() for name in texts)
        if texts and (key in seen or not any(key)):
            continue
        seen.add(key)
        instances.append({field.name: _value(recipe, field, record, number) for field in fields})
        targets.append(target)
        groups += [record[by]] if by else []
    if not targets or len(set(targets)) < len(recipe.target.labels):
        raise DataInvalid("The data lacks rows of at least one label.")
    return Rows(instances, targets, digest, len(records) - len(targets), groups)


def _target(recipe: Recipe, record: Record, number: int) -> Any:
    value = record[recipe.target.column].strip()
    labels = recipe.target.labels
    if not labels:
        return _number(value, recipe.target.column, number)
    if value not in labels:
        raise DataInvalid(f"The label {value!r} is not one of {', '.join(labels)}.")
    return labels[value]


def _value(recipe: Recipe, field: Field, record: Record, number: int) -> Any:
    value = record[field.name]
    if field.type == "text":
        return value
    if not value.strip() or value.strip() in recipe.data.missing:
        if field.required:
            raise DataInvalid(f"Row {number}: the required field {field.name!r} is missing.")
        return None
    return value.strip() if field.type == "category" else _number(value, field.name, number)


def _number(value: str, name: str, row: int) -> float:
    try:
        found = float(value)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise DataInvalid(f"Row {row}: {name!r} holds {value!r}, which is no number.")
    return found
