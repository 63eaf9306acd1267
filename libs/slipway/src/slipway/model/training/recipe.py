"""A recipe: which family is trained on which columns of which data, and how it is evaluated."""

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

from slipway.core.errors import RecipeInvalid
from slipway.model.signature import Field, Instance


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the public data set is, and the SHA-256 that the download must have."""

    url: str
    sha256: str
    member: str = ""


class DataFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file. constants: columns that are the same in each of its rows, such as where they are from.

    columns: where they are not those of [data]. encoding: of a file that is not UTF-8.
    """

    path: str
    columns: tuple[str, ...] = ()
    constants: dict[str, str] = {}
    encoding: str = "utf-8"
    source: Source | None = None


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How rows are read. columns: their names in files without a header.

    format: `labelled-lines` (tab-separated, quotes are ordinary characters) or `csv`.
    path: the file's usual name below the folder given as --data; or files, where there are several.
    missing: what stands for a missing value, beside nothing at all.
    """

    format: Literal["labelled-lines", "csv"]
    columns: tuple[str, ...] = ()
    path: str = ""
    source: Source | None = None
    files: tuple[DataFile, ...] = ()
    missing: tuple[str, ...] = ()

    def parts(self) -> tuple[DataFile, ...]:
        """Every file to be read, in order."""
        return self.files or (DataFile(self.path, source=self.source),)


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The column to predict.

    labels: what its values are called in answers, in the order of the outputs; without them it is
    a number, in `unit`, whose interval covers the share `coverage` of rows.
    """

    column: str
    labels: dict[str, str] = {}
    unit: str = ""
    coverage: float = 0.9


class Evaluation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """folds ≥ 2: every row is held back once, the model then trained on all of them.

    folds = 0: a share `holdout` of the rows is held back for good.
    by: a column of the data for each of whose values figures are given too.
    """

    folds: int = 5
    holdout: float = 0.2
    by: str = ""


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """recipes/*.toml."""

    name: str
    family: str
    description: str
    data: Data
    target: Target
    inputs: tuple[dict[str, Any], ...]
    evaluation: Evaluation = Evaluation()
    hyperparameters: dict[str, Any] = {}
    golden: tuple[Instance, ...] = ()


def read_recipe(path: Path) -> Recipe:
    """Raises RecipeInvalid with the file and what is wrong with it."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Recipe)
    except FileNotFoundError:
        raise RecipeInvalid(f"There is no recipe {path}.") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as wrong:
        raise RecipeInvalid(f"{path}: {wrong}") from None


def fields_of(recipe: Recipe) -> tuple[Field, ...]:
    """The inputs as a signature has them. Raises RecipeInvalid for what is no field."""
    try:
        return msgspec.convert(recipe.inputs, tuple[Field, ...])
    except msgspec.ValidationError as wrong:
        raise RecipeInvalid(f"inputs: {wrong}") from None
