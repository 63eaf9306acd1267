"""The original's answers beside the packaged model's, over the whole sample."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from slipway.core.errors import InvalidInput, PackagingRefused
from slipway.model.families.base import Scores
from slipway.model.families.imported import Imported
from slipway.model.families.shapley import Floats
from slipway.model.prediction import Prediction
from slipway.model.signature import Instance

TOLERANCE = 1e-5
ALONE_TOLERANCE = 1e-6
_ROWS_AT_ONCE = 256
_ROWS_ALONE = 32

Answer = Callable[[Sequence[Instance]], Scores]


@dataclass(frozen=True)
class Compared:
    """difference: the largest of a probability, or of a number relative to it (from 1 up).

    scores, meanings, predictions: the packaged model's, a row each.
    """

    rows: int
    difference: float
    scores: Scores
    meanings: Floats
    predictions: list[Prediction]


def compared(
    family: Imported, original: Answer, packaged: Answer, rows: Sequence[Instance]
) -> Compared:
    """Raises PackagingRefused where an answer differs by more than 1e-5, or depends on its batch."""
    before = family.meanings(_in_batches(original, rows))
    scores = _in_batches(packaged, rows)
    after = family.meanings(scores)
    try:
        predictions = family.postprocess(scores)
    except InvalidInput as wrong:
        raise PackagingRefused(f"The packaged model's answers to the sample: {wrong}") from None
    apart = _distances(before, after)
    worst = int(apart.argmax())
    if not apart[worst] <= TOLERANCE:  # NaN is a difference
        raise PackagingRefused(
            f"The packaged model answers differently: row {worst} of the sample by "
            f"{apart[worst]:.2g}, more than {TOLERANCE:g} ({_said(before[worst])} before, "
            f"{_said(after[worst])} now)."
        )
    alone = np.concatenate([packaged([row]) for row in rows[:_ROWS_ALONE]])
    apart_alone = _distances(after[:_ROWS_ALONE], family.meanings(alone))
    if not apart_alone.max() <= ALONE_TOLERANCE:
        row = int(apart_alone.argmax())
        raise PackagingRefused(
            f"A row's answer depends on the rows that are asked with it: row {row} alone differs by "
            f"{apart_alone[row]:.2g}. Is the module in eval mode, and free of statistics of the batch?"
        )
    return Compared(len(rows), float(apart[worst]), scores, after, predictions)


def _in_batches(answer: Answer, rows: Sequence[Instance]) -> Scores:
    starts = range(0, len(rows), _ROWS_AT_ONCE)
    parts = [answer(rows[start : start + _ROWS_AT_ONCE]) for start in starts]
    found = np.concatenate(parts)
    if len(found) != len(rows):
        raise PackagingRefused(f"{len(rows)} rows are answered with {len(found)} rows of scores.")
    return found.reshape(len(rows), -1)


def _distances(before: Floats, after: Floats) -> Floats:
    """Of each row the largest."""
    return np.asarray((np.abs(before - after) / np.maximum(1.0, np.abs(before))).max(axis=1))


def _said(row: Floats) -> str:
    return ", ".join(f"{value:.6g}" for value in row[:4].tolist())
