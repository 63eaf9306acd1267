"""Which rows are held back: seeded, and with every class in its proportion."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Split(NamedTuple):
    """Row numbers to train on and row numbers held back, both ascending."""

    training: NDArray[np.int64]
    held_back: NDArray[np.int64]


def told(splits: Sequence[Split]) -> str:
    """How rows were held back, in words."""
    if len(splits) > 1:
        return f"{len(splits)} stratified folds, each row held back once"
    return "a held-back share, not trained on"


def stratified_folds(labels: Sequence[str], folds: int, seed: int) -> Iterator[Split]:
    """`folds` splits in which each row is held back exactly once."""
    fold_of = _fold_numbers(labels, folds, seed)
    for fold in range(folds):
        yield Split(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold))


def stratified_holdout(labels: Sequence[str], share: float, seed: int) -> Split:
    """One split; about `share` of each class is held back, at least one row of it."""
    generator = np.random.default_rng(seed)
    held_back = []
    for rows in _rows_by_class(labels):
        count = max(1, round(len(rows) * share))
        held_back.append(generator.permutation(rows)[:count])
    chosen = np.sort(np.concatenate(held_back))
    return Split(np.setdiff1d(np.arange(len(labels)), chosen), chosen)


def _fold_numbers(labels: Sequence[str], folds: int, seed: int) -> NDArray[np.int64]:
    generator = np.random.default_rng(seed)
    fold_of = np.zeros(len(labels), dtype=np.int64)
    dealt = 0
    for rows in _rows_by_class(labels):
        if len(rows) < folds:
            raise ValueError(f"a class has {len(rows)} rows, {folds} folds need as many")
        fold_of[generator.permutation(rows)] = (np.arange(len(rows)) + dealt) % folds
        dealt += len(rows)
    return fold_of


def _rows_by_class(labels: Sequence[str]) -> list[NDArray[np.int64]]:
    values = np.asarray(labels)
    return [np.flatnonzero(values == label) for label in sorted(set(labels))]
