"""A team's own torch.nn.Module with its state_dict, as safetensors."""

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import torch
from safetensors.torch import load_file
from safetensors.torch import save as tensors_as_bytes

from slipway.core.errors import PackagingRefused
from slipway.model.families.base import Scores
from slipway.model.families.feeding import fed
from slipway.model.families.imported_config import DType, Feed
from slipway.model.module_classes import module_class
from slipway.model.packaging.matching import Argument, matched
from slipway.model.packaging.wanted import Converted, Wanted
from slipway.model.signature import Field, Instance

State = dict[str, torch.Tensor]
# What wrappers put before every name: DataParallel, and torch.compile.
_WRAPPERS = ("module.", "_orig_mod.")
NO_CLASS = (
    "A state_dict has weights, but no code: name the class that they belong to with "
    "--class package.module:Class, from an installed package that SLIPWAY_MODULE_PACKAGES allows."
)
NO_PREPROCESS = (
    "The field {name!r} is a {type}, and a module takes tensors: give {of} a static method "
    "preprocess(instances) that makes forward's arguments, by name, of a list of rows."
)


def convert(path: Path, fields: Sequence[Field], wanted: Wanted) -> Converted:
    """Raises PackagingRefused."""
    return convert_state(read_state(path), fields, wanted)


def read_state(path: Path) -> State:
    """The weights of a file, or of a checkpoint that holds them under one name."""
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        found = torch.load(path, map_location="cpu", weights_only=True)
    # torch has no error of its own for a damaged file.
    except (RuntimeError, ValueError, OSError, EOFError, safetensors.SafetensorError) as wrong:
        reason = str(wrong).strip().partition("\n")[0][:300]
        raise PackagingRefused(f"{path} cannot be read: {reason}") from None
    return _state_in(found, path)


def _state_in(found: Any, path: Path) -> State:
    if _is_state(found):
        return dict(found)
    inside = {k: v for k, v in found.items() if _is_state(v)} if isinstance(found, Mapping) else {}
    if len(inside) != 1:
        held = ", ".join(map(str, found)) if isinstance(found, Mapping) else type(found).__name__
        raise PackagingRefused(f"{path} holds {held[:300]}, and not one state_dict.")
    return dict(next(iter(inside.values())))


def _is_state(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(k, str) and isinstance(v, torch.Tensor) for k, v in value.items())
    )


def convert_state(state: State, fields: Sequence[Field], wanted: Wanted) -> Converted:
    if not wanted.module_class:
        raise PackagingRefused(NO_CLASS)
    for wrapper in _WRAPPERS:
        if all(name.startswith(wrapper) for name in state):
            state = {name.removeprefix(wrapper): tensor for name, tensor in state.items()}
    try:
        found = module_class(wanted.module_class, wanted.module_packages)
        module = found(**wanted.arguments)
        module.load_state_dict(state, strict=True)
    except ValueError as wrong:
        raise PackagingRefused(str(wrong)) from None
    except TypeError as wrong:
        given = "give the constructor's with --arguments, as JSON"
        raise PackagingRefused(f"{wanted.module_class}: {wrong}; {given}.") from None
    except RuntimeError as wrong:
        raise PackagingRefused(f"{wanted.module_class}: {wrong}") from None
    module.eval().requires_grad_(False)
    preprocess = getattr(found, "preprocess", None)
    settled, feeds = tuple(fields), tuple[Feed, ...]()
    if preprocess is None:
        settled, feeds = matched(_arguments(found, fields, state), fields)

    def original(instances: Sequence[Instance]) -> Scores:
        given = preprocess(instances) if preprocess else fed(feeds, instances)
        tensors = {name: torch.as_tensor(given[name]) for name in given}
        with torch.no_grad():
            answer = module(**tensors)
        if not isinstance(answer, torch.Tensor) or answer.shape[:1] != (len(instances),):
            raise PackagingRefused(
                f"{wanted.module_class}.forward gives {type(answer).__name__}, not one tensor with "
                "a row of scores for each row: wrap it in a module that does."
            )
        return np.asarray(answer.numpy())

    kept = {name: tensor.detach().clone().contiguous() for name, tensor in state.items()}
    return Converted("module", tensors_as_bytes(kept), settled, feeds, original)


def _arguments(
    found: type[torch.nn.Module], fields: Sequence[Field], state: State
) -> list[Argument]:
    """forward's own, which take all numbers side by side or a field each."""
    for field in fields:
        if field.type in ("text", "category"):
            raise PackagingRefused(
                NO_PREPROCESS.format(name=field.name, type=field.type, of=found.__name__)
            )
    doubles = any(tensor.dtype == torch.float64 for tensor in state.values())
    numbers: DType = "float64" if doubles else "float32"
    kinds = {field.name: field.type for field in fields}
    given = list(inspect.signature(found.forward).parameters.values())[1:]
    needed = [each.name for each in given if each.default is inspect.Parameter.empty]
    whole = len(needed) == 1 and all(kind == "integer" for kind in kinds.values())
    return [
        Argument(name, "int64" if whole or kinds.get(name) == "integer" else numbers)
        for name in needed
    ]
