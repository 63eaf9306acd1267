"""Why a text got its label: Integrated Gradients, which are exact for a network linear in its n-grams.

Sundararajan, Taly, Yan (2017), Axiomatic Attribution for Deep Networks. The path runs from the
empty text to the text; along it the logits are a straight line, so that the gradient of the
softmax is all that is integrated, by Gauss and Legendre.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from slipway.model.families.text_features import Ngrams
from slipway.model.prediction import Contribution

METHOD = "integrated gradients over n-grams, given to the words that they cover"
_POINTS = 128
Floats = NDArray[np.float64]


def shares_of_probability(base: Floats, parts: Floats, label: int) -> Floats:
    """What each part adds to the probability of `label`; the sum is probability - base probability.

    base: logits without any part, shape (labels,). parts: what each part adds to the logits,
    shape (n, labels).
    """
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    along = (nodes + 1) / 2
    logits = base + along[:, None] * parts.sum(axis=0)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = odds / odds.sum(axis=1, keepdims=True)
    gradient = -probabilities[:, [label]] * probabilities
    gradient[:, label] += probabilities[:, label]
    return np.asarray(parts @ ((weights / 2) @ gradient))


def by_word(field: str, text: str, found: Ngrams, shares: Floats) -> tuple[Contribution, ...]:
    """Each n-gram's share, spread evenly over the characters it covers, summed for every word.

    found and shares: of the same length. What covers no character (length, shape) stands alone.
    """
    inside = np.array([not character.isspace() for character in text], dtype=bool)
    before = np.concatenate(([0], np.cumsum(inside)))
    covered = before[found.ends] - before[found.starts]
    each = np.divide(shares, covered, out=np.zeros_like(shares), where=covered > 0)
    steps = np.zeros(len(text) + 1)
    np.add.at(steps, found.starts, each)
    np.add.at(steps, found.ends, -each)
    of_character = np.cumsum(steps)[:-1] * inside
    words = [
        Contribution(field, float(of_character[start:end].sum()), start, end, text[start:end])
        for start, end in _words(inside)
    ]
    elsewhere = float(shares[covered == 0].sum())
    return (*words, Contribution(field, elsewhere)) if (covered == 0).any() else tuple(words)


def _words(inside: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Runs of characters that are no white space."""
    edges = np.flatnonzero(np.diff(inside, prepend=False, append=False))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
