"""Where a model computes."""

import torch


def chosen_device(setting: str) -> str:
    """`auto`: the first CUDA device where there is one, else the CPU."""
    if setting == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    return setting
