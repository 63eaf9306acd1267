"""What a model takes and gives: the one description that validation, OpenAPI and pages are made from."""

from math import prod
from typing import Any, Literal, Self

import msgspec

RESERVED_NAMES = frozenset({"instances", "inputs", "parameters"})
Instance = dict[str, Any]


class Field(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One input. `text` and `category` are strings, `number` and `integer` are finite, a `tensor`
    is numbers in arrays nested as `shape` says, which does not count the rows.

    minimum, maximum: inclusive, of a tensor for each number. min_length, max_length: in characters.
    allowed: for a category that takes no other value; without it unseen values are accepted and
    counted.
    """

    name: str
    type: Literal["text", "number", "integer", "category", "tensor"]
    required: bool = True
    description: str = ""
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    allowed: tuple[str, ...] | None = None
    unit: str = ""
    example: str | float | int | list[Any] | None = None
    shape: tuple[int, ...] = ()

    @property
    def elements(self) -> int:
        """How many numbers a tensor has."""
        return prod(self.shape)


class Output(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What comes out: one of `labels`, or a number in `unit`."""

    kind: Literal["classification", "regression"]
    labels: tuple[str, ...] = ()
    unit: str = ""


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Inputs in order, and the output."""

    inputs: tuple[Field, ...]
    output: Output
    schema: int = 1

    def __post_init__(self) -> None:
        names = [field.name for field in self.inputs]
        if not names:
            raise ValueError("a signature needs at least one input")
        if len(set(names)) < len(names):
            raise ValueError("two inputs have the same name")
        if taken := RESERVED_NAMES.intersection(names):
            raise ValueError(f"an input may not be named {sorted(taken)[0]!r}")
        for field in self.inputs:
            if (field.type == "tensor") != bool(field.shape) or any(n < 1 for n in field.shape):
                raise ValueError(
                    f"{field.name!r}: a tensor, and nothing else, has a shape from 1 up"
                )
        if self.output.kind == "classification" and len(self.output.labels) < 2:
            raise ValueError("a classification needs at least two labels")

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Raises ValueError (msgspec.ValidationError is one) for anything that is not a signature."""
        return msgspec.json.decode(body, type=cls)

    def example(self) -> Instance:
        """One instance made of the fields' examples."""
        return {f.name: f.example for f in self.inputs if f.example is not None}
