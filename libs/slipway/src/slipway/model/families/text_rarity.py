"""How rare each bucket of n-grams is among the texts of a training, a byte a bucket.

The inverse document frequency, ln((1 + texts) / (1 + texts with it)) + 1, in sixteenths: what stands
in every text says little of one. Sparck Jones (1972), A Statistical Interpretation of Term Specificity.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

STEP = 1 / 16


def rarity_of(texts: Iterable[NDArray[np.int64]], buckets: int) -> bytes:
    """texts: the distinct buckets of each."""
    found, rows = np.zeros(buckets, np.int64), 0
    for distinct in texts:
        found[distinct] += 1
        rows += 1
    inverse = np.log((1 + rows) / (1 + found)) + 1
    return np.clip(np.rint(inverse / STEP), 0, 255).astype(np.uint8).tobytes()


def rarity_from(stored: bytes) -> NDArray[np.float64]:
    """The factor of each bucket."""
    return np.frombuffer(stored, np.uint8).astype(np.float64) * STEP
