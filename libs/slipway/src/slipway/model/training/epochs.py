"""The loop that every training shares: seeded batches, a step each, the mean loss of each epoch."""

from collections.abc import Callable

import numpy as np
import torch

from slipway.model.training.state import TrainingState
from slipway.model.training.trainers import Integers, Progress

Scheduler = torch.optim.lr_scheduler.LRScheduler


def batches_of(rows: int, batch_size: int) -> int:
    """How many batches an epoch has."""
    return -(-rows // batch_size)


def run_epochs(
    loss_of: Callable[[Integers], torch.Tensor],
    optimizer: torch.optim.Optimizer,
    scheduler: Scheduler,
    *,
    rows: int,
    epochs: int,
    batch_size: int,
    trained_epochs: int,
    seed: int,
    progress: Progress,
) -> TrainingState:
    """loss_of: the mean loss over these row numbers. trained_epochs: before this training."""
    generator = np.random.default_rng(seed)
    mean_loss = 0.0
    for epoch in range(1, epochs + 1):
        order = generator.permutation(rows)
        total = 0.0
        for batch in np.array_split(order, batches_of(rows, batch_size)):
            loss = loss_of(batch)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimizer.step()
            scheduler.step()
            total += float(loss.detach()) * len(batch)
        mean_loss = total / rows
        progress(epoch, epochs, mean_loss)
    return TrainingState.of(optimizer, scheduler, trained_epochs + epochs, mean_loss, seed)


def weights_of(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The network's weights on the CPU."""
    return {k: tensor.detach().cpu().contiguous() for k, tensor in network.state_dict().items()}
