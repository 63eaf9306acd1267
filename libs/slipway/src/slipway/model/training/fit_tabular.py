"""Fitting the tabular networks: AdamW, one cycle of the rate, fields masked at random.

A masked field looks missing, so that rows with gaps are met in training however few the data has,
and no single field is leaned on too much.
"""

from collections.abc import Callable

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from slipway.model.families.tabular_network import TabularNetwork
from slipway.model.training.epochs import batches_of, run_epochs, weights_of
from slipway.model.training.state import TrainingState
from slipway.model.training.trainers import Integers, Progress, Start

_WARM_UP = 0.1
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Arrays = dict[str, NDArray[np.generic]]


class TabularTrainingOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """masking: the share of embedded columns that look missing in each batch."""

    epochs: int = 12
    batch_size: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    dropout: float = 0.2
    masking: float = 0.1


def fit_tabular(
    make: Callable[[], TabularNetwork],
    arrays: Arrays,
    targets: NDArray[np.generic],
    loss: Loss,
    options: TabularTrainingOptions,
    *,
    seed: int,
    progress: Progress,
    start: Start | None = None,
) -> tuple[dict[str, torch.Tensor], TrainingState]:
    """loss: of what the members say (members, rows, outputs) and the rows' targets."""
    torch.manual_seed(seed)
    network = make().train()
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay
    )
    if start is not None:
        network.load_state_dict(start.weights)
        start.state.restore(optimizer)
    numbers = torch.from_numpy(arrays["numbers"].astype(np.float32))
    embedded, truth = torch.from_numpy(arrays["embedded"]), torch.from_numpy(targets)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        options.learning_rate,
        total_steps=options.epochs * batches_of(len(truth), options.batch_size),
        pct_start=_WARM_UP,
    )

    def loss_of(batch: Integers) -> torch.Tensor:
        rows = torch.from_numpy(batch)
        seen = embedded[rows]
        if options.masking:
            seen = seen.masked_fill(torch.rand(seen.shape) < options.masking, 0)
        return loss(network(numbers[rows], seen), truth[rows])

    state = run_epochs(
        loss_of,
        optimizer,
        cycle,
        rows=len(truth),
        epochs=options.epochs,
        batch_size=options.batch_size,
        trained_epochs=start.state.epoch if start else 0,
        seed=seed,
        progress=progress,
    )
    return weights_of(network), state


def label_loss(said: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of every member on its own."""
    members, _, labels = said.shape
    return torch.nn.functional.cross_entropy(said.reshape(-1, labels), truth.repeat(members))


def interval_loss(coverage: float) -> Loss:
    """Squared distance of the number; pinball losses of the ends of a central interval.

    Koenker and Bassett (1978), Regression Quantiles.
    """
    tails = (((1 - coverage) / 2, 1), ((1 + coverage) / 2, 2))

    def loss(said: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        total = ((said[..., 0] - truth) ** 2).mean()
        for quantile, output in tails:
            apart = truth - said[..., output]
            total = total + torch.maximum(quantile * apart, (quantile - 1) * apart).mean() / 2
        return total

    return loss
