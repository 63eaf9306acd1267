"""The signature's fields: what the sample tells of them, and what the user says beside it."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from slipway.core.errors import PackagingRefused
from slipway.model.packaging.samples import Row
from slipway.model.signature import Field

# A string with few different values, all of them short, is a category.
_CATEGORY_LENGTH = 40
_CATEGORY_VALUES = 100
_ROWS_A_VALUE = 2
_LARGEST_EXAMPLE = 4096


def read_inputs(path: Path) -> list[dict[str, Any]]:
    """The [[inputs]] of a TOML file, such as a recipe. Raises PackagingRefused."""
    try:
        inputs = tomllib.loads(path.read_text("utf-8")).get("inputs", [])
        return msgspec.convert(inputs, list[dict[str, Any]])
    except (OSError, ValueError) as wrong:
        raise PackagingRefused(f"{path}: {wrong}") from None


def fields_of(rows: Sequence[Row], inputs: Sequence[Mapping[str, Any]]) -> tuple[Field, ...]:
    """In the order of the sample; what `inputs` says of a field goes before what is inferred.

    No range and no list of allowed values is inferred: other rows may lie outside the sample's.
    """
    said = {str(known.get("name")): known for known in inputs}
    names = list(dict.fromkeys(name for row in rows for name in row))
    if unknown := said.keys() - set(names):
        raise PackagingRefused(f"No row of the sample has the field {sorted(unknown)[0]!r}.")
    found = []
    for name in names:
        values = [row.get(name) for row in rows]
        try:
            merged = {**_inferred(name, values), **said.get(name, {})}
            found.append(msgspec.convert(merged, Field))
        except (ValueError, msgspec.ValidationError) as wrong:
            raise PackagingRefused(f"Field {name!r}: {wrong}") from None
    return tuple(found)


def _inferred(name: str, values: Sequence[Any]) -> dict[str, Any]:
    present = [value for value in values if value is not None]
    if not present:
        raise ValueError("no row of the sample has a value")
    found: dict[str, Any] = {"name": name, "example": present[0]}
    if len(present) < len(values):
        found["required"] = False
    if all(isinstance(value, str) for value in present):
        return found | {"type": "category" if _are_categories(present) else "text"}
    if all(isinstance(value, list) for value in present):
        shape = np.array(present, dtype=np.float64).shape[1:]  # raises ValueError for ragged ones
        if np.prod(shape) > _LARGEST_EXAMPLE:
            del found["example"]
        return found | {"type": "tensor", "shape": shape}
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in present):
        return found | {"type": "number"}
    raise ValueError("its values are neither all numbers, nor all strings, nor all arrays")


def _are_categories(texts: Sequence[str]) -> bool:
    values = set(texts)
    short = all(len(value) <= _CATEGORY_LENGTH for value in values)
    return short and len(values) <= min(_CATEGORY_VALUES, len(texts) // _ROWS_A_VALUE)
