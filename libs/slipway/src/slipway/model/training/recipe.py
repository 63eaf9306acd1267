"""A recipe: which family is trained on which columns of which data, and how it is evaluated."""

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

from slipway.core.errors import RecipeInvalid
from slipway.model.signature import Instance


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the public data set is, and the SHA-256 that the download must have."""

    url: str
    sha256: str
    member: str = ""


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How rows are read. columns: the names of the columns in a file without a header.

    path: the file's usual name below the folder given as --data.
    """

    format: Literal["labelled-lines"]
    columns: tuple[str, ...]
    path: str
    source: Source | None = None


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The column to predict, and what its values are called in answers, in the order of the outputs."""

    column: str
    labels: dict[str, str]


class Evaluation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """folds ≥ 2: every row is held back once, the model then trained on all of them.

    folds = 0: a share `holdout` of the rows is held back for good.
    """

    folds: int = 5
    holdout: float = 0.2


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
