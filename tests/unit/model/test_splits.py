import numpy as np
import pytest

from slipway.model.training.splits import stratified_folds, stratified_holdout

LABELS = ["spam"] * 20 + ["ham"] * 80


def test_every_row_is_held_back_exactly_once() -> None:
    held = np.concatenate([split.held_back for split in stratified_folds(LABELS, 5, seed=1)])
    assert sorted(held) == list(range(100))


def test_every_fold_has_the_classes_in_proportion() -> None:
    for split in stratified_folds(LABELS, 5, seed=1):
        assert sum(LABELS[row] == "spam" for row in split.held_back) == 4
        assert not set(split.training) & set(split.held_back)


def test_a_class_with_fewer_rows_than_folds_is_refused() -> None:
    with pytest.raises(ValueError, match="3 rows, 5 folds"):
        list(stratified_folds(["a"] * 3 + ["b"] * 50, 5, seed=1))


def test_a_holdout_keeps_the_proportion() -> None:
    split = stratified_holdout(LABELS, 0.25, seed=1)
    assert len(split.held_back) == 25
    assert sum(LABELS[row] == "spam" for row in split.held_back) == 5


def test_another_seed_is_another_split() -> None:
    first, second = (stratified_holdout(LABELS, 0.25, seed).held_back.tolist() for seed in (1, 2))
    assert first != second
