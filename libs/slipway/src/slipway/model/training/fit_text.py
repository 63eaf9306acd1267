"""Fitting a text classifier: Adam on weighted cross-entropy, the rate falling linearly to zero."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from slipway.model.families.text_classifier import Bag, TextClassifier, TextNetwork, join_bags
from slipway.model.training.state import TrainingState

Progress = Callable[[int, int, float], None]
"""(epoch, of how many, mean loss) after each epoch."""

Start = tuple[dict[str, torch.Tensor], TrainingState]
"""Weights and training state to go on from."""


class TextTrainingOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """class_weights: by label, 1 where a label is not named; l2: on all weights."""

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 5e-3
    l2: float = 2e-5
    class_weights: dict[str, float] = {}


@dataclass(frozen=True)
class Fitted:
    """Weights on the CPU, and what is needed to go on training from here."""

    state: dict[str, torch.Tensor]
    training: TrainingState


def fit_text_classifier(
    family: TextClassifier,
    bags: Sequence[Bag],
    truth: NDArray[np.int64],
    options: TextTrainingOptions,
    *,
    seed: int,
    progress: Progress,
    start: Start | None = None,
) -> Fitted:
    """Trains from nothing, or on from `start`. The same seed and rows give the same weights."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    network = family.build()
    torch.nn.init.normal_(network.embedding.weight, std=0.1)
    optimizer = torch.optim.Adam(
        network.parameters(), lr=options.learning_rate, weight_decay=2 * options.l2
    )
    trained_epochs = 0
    if start is not None:
        weights, before = start
        network.load_state_dict(weights)
        before.restore(optimizer)
        trained_epochs = before.epoch
    loss_of = _loss(family, options)
    batches = -(-len(bags) // options.batch_size)
    falling = torch.optim.lr_scheduler.LinearLR(
        optimizer, start_factor=1.0, end_factor=1e-3, total_iters=options.epochs * batches
    )
    mean_loss = 0.0
    for epoch in range(1, options.epochs + 1):
        order = generator.permutation(len(bags))
        total = 0.0
        for rows in np.array_split(order, batches):
            loss = loss_of(network, [bags[row] for row in rows], truth[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimizer.step()
            falling.step()
            total += float(loss.detach()) * len(rows)
        mean_loss = total / len(bags)
        progress(epoch, options.epochs, mean_loss)
    state = {
        name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()
    }
    reached = trained_epochs + options.epochs
    return Fitted(state, TrainingState.of(optimizer, falling, reached, mean_loss, seed))


def _loss(
    family: TextClassifier, options: TextTrainingOptions
) -> Callable[[TextNetwork, list[Bag], NDArray[np.int64]], torch.Tensor]:
    if unknown := options.class_weights.keys() - set(family.labels):
        raise ValueError(f"class_weights names no label: {sorted(unknown)[0]}")
    weights = torch.tensor([options.class_weights.get(label, 1.0) for label in family.labels])

    def loss(network: TextNetwork, bags: list[Bag], truth: NDArray[np.int64]) -> torch.Tensor:
        arrays = {k: torch.from_numpy(v) for k, v in join_bags(bags).arrays.items()}
        return torch.nn.functional.cross_entropy(
            network(**arrays), torch.from_numpy(truth), weight=weights
        )

    return loss
