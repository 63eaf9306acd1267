"""Measures of quality are scikit-learn's, also with weights, and intervals hold what they promise."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics

from monitor.quality.measures import (
    area_under_roc,
    bootstrap_interval,
    brier_score,
    expected_calibration_error,
    f1_score,
    log_loss,
    newcombe_interval,
    share,
)

Floats = NDArray[np.float64]
rows = st.lists(
    st.tuples(st.booleans(), st.floats(0, 1), st.sampled_from([1.0, 2.0, 5.5])),
    min_size=2,
    max_size=80,
).filter(lambda found: len({positive for positive, _, _ in found}) == 2)
Rows = list[tuple[bool, float, float]]


def arrays(found: Rows) -> tuple[NDArray[np.bool_], Floats, Floats]:
    positive, scores, weights = zip(*found, strict=True)
    return np.array(positive), np.array(scores), np.array(weights)


@given(rows)
def test_the_area_under_the_curve_is_scikit_learns(found: Rows) -> None:
    positive, scores, weights = arrays(found)
    theirs = metrics.roc_auc_score(positive, scores, sample_weight=weights)
    assert area_under_roc(positive, scores, weights) == pytest.approx(theirs)


@given(rows)
def test_f1_accuracy_and_brier_are_scikit_learns(found: Rows) -> None:
    positive, scores, weights = arrays(found)
    predicted = scores > 0.5
    f1 = metrics.f1_score(positive, predicted, sample_weight=weights, zero_division=0)
    assert f1_score(positive, predicted, weights) == pytest.approx(f1)
    accuracy = metrics.accuracy_score(positive, predicted, sample_weight=weights)
    assert share(positive == predicted, weights) == pytest.approx(accuracy)
    table = np.column_stack([1 - scores, scores])
    brier = metrics.brier_score_loss(positive, scores, sample_weight=weights)
    assert brier_score(table, positive.astype(int), weights) == pytest.approx(brier)


@given(rows)
def test_the_log_loss_is_scikit_learns(found: Rows) -> None:
    positive, scores, weights = arrays(found)
    scores = np.clip(scores, 1e-6, 1 - 1e-6)
    of_truth = np.where(positive, scores, 1 - scores)
    theirs = metrics.log_loss(positive, scores, sample_weight=weights)
    assert log_loss(of_truth, weights) == pytest.approx(theirs)


def test_the_calibration_error_of_a_hand_worked_case() -> None:
    # two bins: four rows of .6, two of them right (apart .1), six rows of .9, all right (apart .1)
    confidence = np.array([0.6] * 4 + [0.9] * 6)
    correct = np.array([True, True, False, False] + [True] * 6)
    assert expected_calibration_error(confidence, correct, np.ones(10)) == pytest.approx(0.1)


def test_newcombes_interval_of_a_published_case() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II: 56/70 - 48/80, method 10
    assert newcombe_interval(56 / 70, 70, 48 / 80, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_bootstrap_interval_of_a_mean_is_about_two_standard_errors_wide() -> None:
    values = np.random.default_rng(1).normal(5, 2, 1_000)
    low, high = bootstrap_interval(lambda w: float(np.average(values, weights=w)), np.ones(1_000))
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * 2 / math.sqrt(1_000), rel=0.2)
