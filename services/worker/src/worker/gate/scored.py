"""Rows with what both models say of them, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slipway.model.datasets.records import Row
from slipway.model.prediction import Prediction
from slipway.model.runtime import Model

_ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class Scored:
    """champion, challenger: shape (n,), higher is better: 1 and 0 for right and wrong labels, else
    minus the absolute error. same: whether both answer alike; of numbers, within a tenth of the
    champion's mean error."""

    rows: Sequence[Row]
    champion: NDArray[np.float64]
    challenger: NDArray[np.float64]
    same: NDArray[np.bool_]
    labels: bool

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, wanted: NDArray[np.bool_]) -> "Scored":
        rows = [row for row, keep in zip(self.rows, wanted, strict=True) if keep]
        return Scored(
            rows, self.champion[wanted], self.challenger[wanted], self.same[wanted], self.labels
        )


def score(champion: Model, challenger: Model, rows: Sequence[Row]) -> Scored:
    """Asks both for every row."""
    truth = [row.target for row in rows]
    said = [answers_of(model, rows) for model in (champion, challenger)]
    if champion.signature.output.kind == "classification":
        scores = [
            np.array([p.prediction == t for p, t in zip(s, truth, strict=True)]) for s in said
        ]
        same = np.array([a.prediction == b.prediction for a, b in zip(*said, strict=True)])
        return Scored(rows, scores[0].astype(float), scores[1].astype(float), same, True)
    numbers = [np.array([float(p.prediction) for p in s]) for s in said]
    errors = [-np.abs(n - np.array(truth, dtype=np.float64)) for n in numbers]
    apart = np.abs(numbers[0] - numbers[1])
    tolerance = 0.1 * -errors[0].mean() if len(rows) else 0.0
    return Scored(rows, errors[0], errors[1], apart <= tolerance, False)


def answers_of(model: Model, rows: Sequence[Row]) -> list[Prediction]:
    found: list[Prediction] = []
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        found += model.predict([row.instance for row in rows[start : start + _ROWS_AT_ONCE]])
    return found
