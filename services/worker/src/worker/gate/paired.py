"""Two models on the same rows: how much better is the second, and could that be chance?"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDS = 1_000
_EXACT_UP_TO = 1_000


class Difference(NamedTuple):
    """Mean of challenger - champion over n rows, and its interval at the level asked for."""

    value: float
    low: float
    high: float
    n: int


def paired_difference(
    champion: Floats, challenger: Floats, *, level: float = 0.95, seed: int = 20261123
) -> Difference:
    """Percentile interval of the mean difference over resamples of rows (paired bootstrap).

    champion, challenger: shape (n,), a score a row, higher is better. Raises ValueError without a
    row. Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 13.
    """
    apart = challenger - champion
    if not len(apart):
        raise ValueError("no rows to compare on")
    generator = np.random.default_rng(seed)
    # Equal differences are drawn by how many there are: as exact, and small for 0/1 scores.
    values, counts = np.unique(apart, return_counts=True)
    drawn = generator.multinomial(len(apart), counts / len(apart), ROUNDS) @ values / len(apart)
    tail = 50 * (1 - level)
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return Difference(float(apart.mean()), float(low), float(high), len(apart))


def mcnemar_p(champion_right: NDArray[np.bool_], challenger_right: NDArray[np.bool_]) -> float:
    """The chance that two equally good models differ so much on these rows; 1 where none differs.

    Shape (n,) each. The exact binomial test on the rows that one alone gets right, the corrected
    chi-square beyond 1,000 of them. McNemar (1947).
    """
    only_champion = int((champion_right & ~challenger_right).sum())
    only_challenger = int((challenger_right & ~champion_right).sum())
    n, fewer = only_champion + only_challenger, min(only_champion, only_challenger)
    if n == 0:
        return 1.0
    if n <= _EXACT_UP_TO:
        return float(min(1.0, 2 * sum(math.comb(n, k) for k in range(fewer + 1)) / 2**n))
    statistic = max(0.0, abs(only_champion - only_challenger) - 1) ** 2 / n
    return float(math.erfc(math.sqrt(statistic / 2)))
