"""Fitting a text classifier: Adam on weighted cross-entropy, the rate falling linearly to zero.

Optionally with a Naive Bayes prior: an n-gram moves and is held by how differently often the labels
have it, so that few rows suffice for many n-grams. Wang and Manning (2012), Baselines and Bigrams.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from slipway.model.families.text_classifier import Bag, TextClassifier, TextNetwork, join_bags
from slipway.model.training.epochs import batches_of, run_epochs, weights_of
from slipway.model.training.trainers import Fitted, Integers, Progress, Start

# An n-gram that tells nothing now may tell something in a training that goes on from this one.
_LEAST_SCALE = 1e-2


class TextTrainingOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """class_weights: by label, 1 where a label is not named; l2: on all weights.

    naive_bayes: how many texts of each label every n-gram is taken to have been in beside those
    that it was in; 0: no such prior.
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 5e-3
    l2: float = 2e-5
    class_weights: dict[str, float] = {}
    naive_bayes: float = 0.0


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
    scale = _scale(family, bags, truth, options.naive_bayes)
    if start is not None:
        network.load_state_dict(_scaled(start.weights, 1 / scale))
        start.state.restore(optimizer)
    bags = [Bag(buckets, weights * scale[buckets]) for buckets, weights in bags]
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
    return Fitted(family, family.config, _scaled(weights_of(network), scale), state)


def _scale(
    family: TextClassifier, bags: Sequence[Bag], truth: Integers, smoothing: float
) -> NDArray[np.float32]:
    """For each bucket the largest |ln ratio| of its share of a label's n-grams and of the others'."""
    buckets, labels = family.config.ngrams.buckets, len(family.labels)
    if not smoothing:
        return np.ones(buckets, np.float32)
    counts = np.full((labels, buckets), smoothing)
    for bag, label in zip(bags, truth.tolist(), strict=True):
        counts[label, bag.buckets] += 1
    others = counts.sum(axis=0) - counts
    ratios = counts / counts.sum(axis=1, keepdims=True)
    ratios /= others / others.sum(axis=1, keepdims=True)
    told = np.abs(np.log(ratios)).max(axis=0)
    return np.asarray(np.maximum(told, _LEAST_SCALE), dtype=np.float32)


def _scaled(
    weights: dict[str, torch.Tensor], scale: NDArray[np.floating[Any]]
) -> dict[str, torch.Tensor]:
    """The embedding's rows times the scale: bags that were scaled instead answer the same."""
    rows = weights["embedding.weight"] * torch.from_numpy(scale)[:, None]
    return {**weights, "embedding.weight": rows}


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
