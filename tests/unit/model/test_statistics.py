import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from slipway.model.training.statistics import (
    area_under_roc,
    bootstrap_interval,
    expected_calibration_error,
)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=60))
def test_area_under_roc_is_scikit_learns(rows: list[tuple[bool, int]]) -> None:
    truth = np.array([row[0] for row in rows])
    scores = np.array([row[1] for row in rows], dtype=float)
    if truth.all() or not truth.any():
        assert np.isnan(area_under_roc(truth, scores))
    else:
        assert area_under_roc(truth, scores) == pytest.approx(roc_auc_score(truth, scores))


def test_calibration_error_of_a_worked_case() -> None:
    # Two bins of two rows: |0.70 - 0.5| and |0.95 - 1|, equally heavy.
    confidence = np.array([0.65, 0.75, 0.95, 0.95])
    correct = np.array([True, False, True, True])
    assert expected_calibration_error(confidence, correct, 5) == pytest.approx((0.2 + 0.05) / 2)


def test_bootstrap_interval_holds_the_mean_and_repeats_with_its_seed() -> None:
    values = np.random.default_rng(1).normal(5, 1, 400)
    first = bootstrap_interval(lambda rows: float(values[rows].mean()), 400, seed=3)
    assert first == bootstrap_interval(lambda rows: float(values[rows].mean()), 400, seed=3)
    assert first[0] < values.mean() < first[1]
    assert first[1] - first[0] == pytest.approx(4 * 0.05, rel=0.25)
