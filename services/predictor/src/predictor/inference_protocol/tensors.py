"""Named arrays of one type: what the protocol sends in both directions."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from slipway.core.errors import InvalidInput, Problem

# The protocol's numbers as little-endian arrays. BF16 has no array type of its own.
NUMBERS: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype("?"),
    **{f"INT{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"FP{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
}
DATATYPES = frozenset({*NUMBERS, "BF16", "BYTES"})
FLOATS = frozenset({"FP16", "BF16", "FP32", "FP64"})
INTEGERS = frozenset(name for name in NUMBERS if "INT" in name)


@dataclass(frozen=True)
class Tensor:
    """values: in row-major order, as Python's own; the text of BYTES, or None for a JSON null."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    values: list[Any]


def elements(shape: tuple[int, ...]) -> int:
    """How many values a shape holds."""
    return prod(shape)


def refuse(name: str, problem: str) -> InvalidInput:
    """The refusal that names a tensor."""
    return InvalidInput(f"Input '{name}' {problem}.", problems=(Problem(name, problem),))
