"""Training data as rows: an instance and its label, in the file's order, repeats left out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slipway.core.errors import DataInvalid, RecipeInvalid
from slipway.model.signature import Instance
from slipway.model.training.recipe import Recipe


@dataclass(frozen=True)
class Rows:
    """instances and labels of the same length; digest: SHA-256 of the file as it was read."""

    instances: Sequence[Instance]
    labels: Sequence[str]
    digest: str
    repeats: int

    def __len__(self) -> int:
        return len(self.labels)


def read_rows(recipe: Recipe, path: Path) -> Rows:
    """Reads the file, or the recipe's file below a folder.

    Raises DataInvalid with the line number, RecipeInvalid for a column that the data lacks.
    """
    _refuse_unknown_columns(recipe)
    file = path / recipe.data.path if path.is_dir() else path
    if not file.is_file():
        raise DataInvalid(f"There is no file {file}.")
    body = file.read_bytes()
    records = labelled_lines(body, recipe.data.columns, file.name)
    return _deduplicated(recipe, records, hashlib.sha256(body).hexdigest())


def _refuse_unknown_columns(recipe: Recipe) -> None:
    for name in (recipe.target.column, *(str(field.get("name")) for field in recipe.inputs)):
        if name not in recipe.data.columns:
            raise RecipeInvalid(f"The data has no column {name!r}.")


def labelled_lines(body: bytes, columns: Sequence[str], file: str) -> list[dict[str, str]]:
    """Lines of tab-separated columns in UTF-8. Quotes are ordinary characters, only LF ends a line."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise DataInvalid(f"{file} is not UTF-8 at byte {wrong.start}.") from None
    records = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        cells = line.removesuffix("\r").split("\t", len(columns) - 1)
        if len(cells) != len(columns):
            raise DataInvalid(f"{file}, line {number}: {len(cells)} columns, not {len(columns)}.")
        records.append(dict(zip(columns, cells, strict=True)))
    return records


def _deduplicated(recipe: Recipe, records: list[dict[str, str]], digest: str) -> Rows:
    """The first of rows that differ only in case and white space."""
    target, names = recipe.target, [field["name"] for field in recipe.inputs]
    seen: set[tuple[str, ...]] = set()
    instances, labels = [], []
    for record in records:
        value = record[target.column].strip()
        if value not in target.labels:
            raise DataInvalid(f"The label {value!r} is not one of {', '.join(target.labels)}.")
        key = tuple(" ".join(record[name].split()).casefold() for name in names)
        if key in seen or not any(key):
            continue
        seen.add(key)
        instances.append({name: record[name] for name in names})
        labels.append(target.labels[value])
    if len(set(labels)) < len(target.labels):
        raise DataInvalid("The data lacks rows of at least one label.")
    return Rows(instances, labels, digest, len(records) - len(labels))
