"""Where a model computes."""

import numpy as np
import torch

from slipway.model.families.base import Inputs, Network, Scores


def chosen_device(setting: str) -> str:
    """`auto`: the first CUDA device where there is one, else the CPU."""
    if setting == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    return setting


def use_threads(count: int) -> None:
    """How many threads one operation of this process may use."""
    torch.set_num_threads(count)


def in_mixed_precision(network: Network, device: str) -> Network:
    """Computes in half precision where torch takes it for safe, on CUDA alone; else the same network.

    Faster where matrices are large. Scores differ from full precision by about a thousandth.
    """
    if not device.startswith("cuda"):
        return network

    def forward(inputs: Inputs) -> Scores:
        with torch.autocast("cuda", dtype=torch.float16):
            return network(inputs).astype(np.float32)

    return forward


def is_out_of_memory(wrong: BaseException) -> bool:
    """Whether a smaller batch might succeed. On the CPU torch has no error of its own for it."""
    if isinstance(wrong, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(wrong, RuntimeError) and "can't allocate memory" in str(wrong)


def free_memory(device: str) -> None:
    """Gives back what torch keeps for later, after memory ran out."""
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


def device_memory_bytes(device: str) -> tuple[int, int] | None:
    """(allocated, reserved) by this process on a CUDA device; None for the CPU."""
    if not device.startswith("cuda"):
        return None
    return torch.cuda.memory_allocated(device), torch.cuda.memory_reserved(device)
