"""What training needs to go on: optimizer and scheduler, as safetensors and JSON, never a pickle."""

from dataclasses import dataclass
from typing import Any, Self

import msgspec
import torch
from safetensors.torch import load as read_tensors
from safetensors.torch import save as tensors_as_bytes

from slipway.core.errors import ArtifactRefused

OPTIMIZER_FILE = "optimizer.safetensors"
STATE_FILE = "training.json"


class _Progress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """training.json."""

    epoch: int
    loss: float
    seed: int
    parameter_groups: list[dict[str, Any]]
    scheduler: dict[str, Any]
    schema: int = 1


@dataclass(frozen=True)
class TrainingState:
    """Where a training stands. moments: `<parameter>.<name>` → tensor of the optimizer."""

    epoch: int
    loss: float
    seed: int
    parameter_groups: list[dict[str, Any]]
    scheduler: dict[str, Any]
    moments: dict[str, torch.Tensor]

    @classmethod
    def of(
        cls,
        optimizer: torch.optim.Optimizer,
        scheduler: torch.optim.lr_scheduler.LRScheduler,
        epoch: int,
        loss: float,
        seed: int,
    ) -> Self:
        state = optimizer.state_dict()
        moments = {
            f"{parameter}.{name}": value.detach().cpu().contiguous()
            for parameter, values in state["state"].items()
            for name, value in values.items()
        }
        plain = {
            k: v for k, v in scheduler.state_dict().items() if isinstance(v, int | float | list)
        }
        return cls(epoch, loss, seed, state["param_groups"], plain, moments)

    def restore(self, optimizer: torch.optim.Optimizer) -> None:
        """Puts the moments back; the learning rate stays the optimizer's own."""
        state: dict[int, dict[str, torch.Tensor]] = {}
        for key, tensor in self.moments.items():
            parameter, name = key.split(".", 1)
            state.setdefault(int(parameter), {})[name] = tensor
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": state, "param_groups": groups})

    def files(self) -> dict[str, bytes]:
        """The two files of an artifact."""
        progress = _Progress(
            self.epoch, self.loss, self.seed, self.parameter_groups, self.scheduler
        )
        return {
            OPTIMIZER_FILE: tensors_as_bytes(self.moments),
            STATE_FILE: msgspec.json.format(msgspec.json.encode(progress), indent=1) + b"\n",
        }

    @classmethod
    def from_files(cls, optimizer: bytes, progress: bytes) -> Self:
        """Raises ArtifactRefused for a state that this release does not read."""
        try:
            read = msgspec.json.decode(progress, type=_Progress)
        except ValueError as wrong:
            raise ArtifactRefused(STATE_FILE, str(wrong)) from None
        return cls(
            read.epoch,
            read.loss,
            read.seed,
            read.parameter_groups,
            read.scheduler,
            read_tensors(optimizer),
        )
