"""Scores of classifiers as probabilities and answers."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from slipway.model.families.base import NotANumber, Scores
from slipway.model.prediction import Prediction


def softmax(scores: Scores) -> NDArray[np.float64]:
    """Rows of logits as probabilities that sum to 1, in double precision."""
    shifted = scores.astype(np.float64) - scores.max(axis=1, keepdims=True)
    odds = np.exp(shifted)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def labelled(labels: Sequence[str], scores: Scores) -> list[Prediction]:
    """The likeliest label of each row, with the probability of every one. Raises NotANumber."""
    return [answer(labels, row) for row in softmax(scores).tolist()]


def answer(labels: Sequence[str], probabilities: Sequence[float]) -> Prediction:
    """The likeliest label, with its probability and every other one's."""
    best = max(range(len(labels)), key=probabilities.__getitem__)
    if math.isnan(probabilities[best]):
        raise NotANumber
    return Prediction(
        labels[best], probabilities[best], dict(zip(labels, probabilities, strict=True))
    )
