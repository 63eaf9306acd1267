"""A torch module behind the Network interface: strict weights, eval mode, one device."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch.overrides import TorchFunctionMode

from slipway.core.errors import ArtifactRefused
from slipway.model.families.base import Inputs, Network, Scores

Array = NDArray[np.generic]


def torch_network(
    build: Callable[[], torch.nn.Module],
    weights: Path,
    device: str,
    precision: torch.dtype | None = None,
) -> Network:
    """Builds the module without values, maps the weights in, and returns its forward.

    The file is mapped, not copied, on the CPU: processes of one machine share its pages.
    precision: computes in this one instead of the weights' own, on a copy.
    Raises ArtifactRefused for weights that are damaged, missing, extra or misshapen.
    """
    try:
        state = load_file(weights, device=device)
    except (safetensors.SafetensorError, OSError, ValueError) as wrong:
        raise ArtifactRefused(weights.name, f"is not a safetensors file: {wrong}") from None
    with _Unset():
        module = build()
    _refuse_mismatch(module, state, weights.name)
    module.load_state_dict(state, strict=True, assign=True)
    _refuse_unsaved(module, weights.name)
    return forward_of(module, device, precision)


def forward_of(
    module: torch.nn.Module, device: str = "cpu", precision: torch.dtype | None = None
) -> Network:
    """The forward of a module with weights, from arrays to arrays."""
    module.requires_grad_(False).eval()
    if precision is not None:
        module.to(precision)

    def forward(inputs: Inputs) -> Scores:
        # inference_mode makes an object of pybind11 each time, and every page that holds a neighbour of
        # its place in pybind11's table is copied from the process that this one was forked from.
        with torch.no_grad():
            tensors = {k: _on(device, v, precision) for k, v in inputs.arrays.items()}
            scores = module(**tensors)
            return np.asarray(scores.to("cpu").numpy())

    return forward


def network_with(
    module: torch.nn.Module, state: dict[str, torch.Tensor], precision: torch.dtype | None
) -> Network:
    """The forward of a module with weights that are in memory."""
    module.load_state_dict(state)
    return forward_of(module, precision=precision)


def _on(device: str, array: Array, precision: torch.dtype | None) -> torch.Tensor:
    tensor = torch.from_numpy(array)
    if device == "cpu" and precision is None:
        return tensor
    if device.startswith("cuda"):  # from pinned memory, without waiting for what is computed before
        tensor = tensor.pin_memory()
    tensor = tensor.to(device, non_blocking=True)
    return tensor.to(precision) if tensor.is_floating_point() and precision else tensor


class _Unset(TorchFunctionMode):
    """Leaves parameters as they were allocated: memory that nobody writes to costs nothing.

    The device `meta` would do as well, but its first use imports sympy and all decompositions, a second
    and 70 MB in each process.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if getattr(func, "__module__", "") == torch.nn.init.__name__ or func in _RANDOM:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs or {})


_RANDOM = frozenset({torch.Tensor.uniform_, torch.Tensor.normal_})


def _refuse_unsaved(module: torch.nn.Module, file: str) -> None:
    """What the constructor computes is on the CPU, and never compared: only what was saved is served."""
    saved = module.state_dict().keys()
    for name, _ in (*module.named_parameters(), *module.named_buffers()):
        if name not in saved:
            reason = f"the buffer {name!r} was not saved with the weights: make it persistent"
            raise ArtifactRefused(file, reason)


def _refuse_mismatch(module: torch.nn.Module, state: dict[str, torch.Tensor], file: str) -> None:
    expected = module.state_dict()
    for name, tensor in expected.items():
        if name not in state:
            raise ArtifactRefused(file, f"has no weight {name!r}")
        found = state[name]
        if found.shape != tensor.shape:
            shapes = f"{tuple(found.shape)}, the architecture needs {tuple(tensor.shape)}"
            raise ArtifactRefused(file, f"weight {name!r} has the shape {shapes}")
        if found.dtype != tensor.dtype:
            raise ArtifactRefused(file, f"weight {name!r} is {found.dtype}, not {tensor.dtype}")
        if not torch.isfinite(found).all():
            raise ArtifactRefused(file, f"weight {name!r} holds NaN or infinity")
    if extra := state.keys() - expected.keys():
        raise ArtifactRefused(
            file, f"has a weight {sorted(extra)[0]!r} that the architecture lacks"
        )
