"""Fitting a text classifier: Adam on weighted cross-entropy, the rate falling linearly to zero."""

from collections.abc import Callable, Sequence

import msgspec
import torch

from slipway.model.families.text_classifier import Bag, TextClassifier, TextNetwork, join_bags
from slipway.model.training.epochs import batches_of, run_epochs, weights_of
from slipway.model.training.trainers import Fitted, Integers, Progress, Start


class TextTrainingOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """class_weights: by label, 1 where a label is not named; l2: on all weights."""

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 5e-3
    l2: float = 2e-5
    class_weights: dict[str, float] = {}


def fit_text_classifier(
    family: TextClassifier,
    bags: Sequence[Bag],
    truth: Integers,
    options: TextTrainingOptions,
    *,
    seed: int,
    progress: Progress,
    start: Start | None = None,
) -> Fitted:
    """Trains from nothing, or on from `start`. The same seed and rows give the same weights."""
    torch.manual_seed(seed)
    network = family.build()
    torch.nn.init.normal_(network.embedding.weight, std=0.1)
    optimizer = torch.optim.Adam(
        network.parameters(), lr=options.learning_rate, weight_decay=2 * options.l2
    )
    if start is not None:
        network.load_state_dict(start.weights)
        start.state.restore(optimizer)
    loss = _loss(family, options)
    steps = options.epochs * batches_of(len(bags), options.batch_size)
    falling = torch.optim.lr_scheduler.LinearLR(
        optimizer, start_factor=1.0, end_factor=1e-3, total_iters=steps
    )
    state = run_epochs(
        lambda rows: loss(network, [bags[row] for row in rows], truth[rows]),
        optimizer,
        falling,
        rows=len(bags),
        epochs=options.epochs,
        batch_size=options.batch_size,
        trained_epochs=start.state.epoch if start else 0,
        seed=seed,
        progress=progress,
    )
    return Fitted(family, family.config, weights_of(network), state)


def _loss(
    family: TextClassifier, options: TextTrainingOptions
) -> Callable[[TextNetwork, list[Bag], Integers], torch.Tensor]:
    if unknown := options.class_weights.keys() - set(family.labels):
        raise ValueError(f"class_weights names no label: {sorted(unknown)[0]}")
    weights = torch.tensor([options.class_weights.get(label, 1.0) for label in family.labels])

    def loss(network: TextNetwork, bags: list[Bag], truth: Integers) -> torch.Tensor:
        arrays = {k: torch.from_numpy(v) for k, v in join_bags(bags).arrays.items()}
        return torch.nn.functional.cross_entropy(
            network(**arrays)[:, : len(weights)], torch.from_numpy(truth), weight=weights
        )

    return loss
