"""Which field reaches which argument of a model: by name, or all numbers side by side in the only one."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from slipway.core.errors import PackagingRefused
from slipway.model.families.imported_config import DType, Feed
from slipway.model.signature import Field

_NUMBERS = ("number", "integer")
_TEXTS = ("text", "category")


class Argument(NamedTuple):
    """shape: of one row; None for a size that is free, or for a shape that is not known at all."""

    name: str
    dtype: DType
    shape: tuple[int | None, ...] | None = None


def matched(
    arguments: Sequence[Argument], fields: Sequence[Field]
) -> tuple[tuple[Field, ...], tuple[Feed, ...]]:
    """The fields as the arguments need them, and the feeds. Raises PackagingRefused."""
    by_name = {field.name: field for field in fields}
    if len(arguments) == 1 and (len(fields) > 1 or arguments[0].name not in by_name):
        feeds: tuple[Feed, ...] = (_only(arguments[0], fields),)
    elif {argument.name for argument in arguments} == by_name.keys():
        feeds = tuple(_named(argument, by_name[argument.name]) for argument in arguments)
    else:
        takes = ", ".join(argument.name for argument in arguments)
        raise PackagingRefused(
            f"The model takes {takes}; the sample has the fields {', '.join(by_name)}. Name the "
            "fields like the arguments, or package a model with one argument for all numbers."
        )
    whole = {name for feed in feeds if feed.dtype.startswith("int") for name in feed.fields}
    settled = tuple(_whole(field) if field.name in whole else field for field in fields)
    return settled, feeds


def _only(argument: Argument, fields: Sequence[Field]) -> Feed:
    if len(fields) == 1:
        return _named(argument, fields[0])
    if any(field.type not in _NUMBERS for field in fields):
        odd = next(field for field in fields if field.type not in _NUMBERS)
        raise PackagingRefused(
            f"The model takes one array {argument.name!r}, but the field {odd.name!r} is a "
            f"{odd.type}: only numbers can stand side by side."
        )
    shape = (len(fields),)
    _check(argument, shape, f"the {len(fields)} fields side by side")
    return Feed(argument.name, tuple(field.name for field in fields), argument.dtype, shape)


def _named(argument: Argument, field: Field) -> Feed:
    if (argument.dtype == "string") != (field.type in _TEXTS):
        raise PackagingRefused(
            f"The model's {argument.name!r} takes {argument.dtype}, the field {field.name!r} is a "
            f"{field.type}."
        )
    if field.type == "tensor":
        shape = field.shape
        _check(argument, shape, f"the field {field.name!r}")
    else:
        shape = () if argument.shape is None else tuple(size or 1 for size in argument.shape)
        if any(size != 1 for size in shape):
            _check(argument, (1,), f"the field {field.name!r}")
    return Feed(argument.name, (field.name,), argument.dtype, shape)


def _check(argument: Argument, shape: tuple[int, ...], what: str) -> None:
    wanted = argument.shape
    if wanted is not None and (
        len(wanted) != len(shape)
        or any(a is not None and a != b for a, b in zip(wanted, shape, strict=True))
    ):
        raise PackagingRefused(
            f"The model's {argument.name!r} takes {list(wanted)} a row, {what} make {list(shape)}."
        )


def _whole(field: Field) -> Field:
    if not field.required:
        raise PackagingRefused(
            f"The field {field.name!r} is missing in some rows, but the model takes whole numbers, "
            "among which none stands for a missing one."
        )
    if field.type != "number":
        return field
    example = int(field.example) if isinstance(field.example, int | float) else None
    return replace(field, type="integer", example=example)
