"""The estimate before labels come, against worlds whose true accuracy is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.drift.reference import Calibration
from monitor.quality.estimating import chance_of_being_right, expected_accuracy, isotonic
from slipway.model.training.reference import prediction_reference

GENERATOR = np.random.default_rng(11)


def calibration_of(n: int, power: float) -> Calibration:
    """Held-back rows whose chance of being right is confidence to the `power`."""
    confidence = GENERATOR.uniform(0.5, 1.0, n)
    right = GENERATOR.uniform(size=n) < confidence**power
    table = np.column_stack([confidence, 1 - confidence])
    found = prediction_reference(["a", "b"], np.where(right, 0, 1), table, 1)["calibration"]
    return Calibration(**{name: found[name] for name in Calibration.__struct_fields__})


@pytest.mark.parametrize("power", [1.0, 2.0, 0.5])
@pytest.mark.parametrize(("low", "high"), [(0.5, 1.0), (0.5, 0.75), (0.9, 1.0)])
def test_the_estimate_is_near_the_true_accuracy_also_of_a_model_that_is_too_sure(
    power: float, low: float, high: float
) -> None:
    calibration = calibration_of(4_000, power)
    confidence = GENERATOR.uniform(low, high, 1_000)
    truth = float((confidence**power).mean())
    found = expected_accuracy(calibration, confidence.tolist(), np.ones(1_000))
    assert found is not None
    assert found.value == pytest.approx(truth, abs=0.03)


def test_the_interval_holds_what_labels_show_about_as_often_as_it_says() -> None:
    held = 0
    for _ in range(200):
        calibration = calibration_of(1_000, 1.5)
        confidence = GENERATOR.uniform(0.5, 1.0, 800)
        labels = GENERATOR.uniform(size=800) < confidence**1.5
        found = expected_accuracy(calibration, confidence.tolist(), np.ones(800))
        assert found is not None
        held += found.low <= labels.mean() <= found.high
    assert held / 200 > 0.9


def test_rows_without_confidence_have_no_estimate() -> None:
    assert expected_accuracy(calibration_of(100, 1.0), [None, None], np.ones(2)) is None


def test_a_calibration_without_rows_has_no_estimate() -> None:
    empty = Calibration(bins=2, counts=(0, 0), mean_confidence=(0.0, 0.0), accuracy=(0.0, 0.0))
    assert expected_accuracy(empty, [0.9], np.ones(1)) is None


def test_pooling_adjacent_violators_in_a_hand_worked_case() -> None:
    found = isotonic(np.array([1.0, 3.0, 2.0, 2.0, 5.0]), np.array([1.0, 1.0, 1.0, 2.0, 1.0]))
    assert found.tolist() == pytest.approx([1.0, 2.25, 2.25, 2.25, 5.0])


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 100)), min_size=1, max_size=30))
def test_isotonic_values_rise_and_keep_the_mean(pairs: list[tuple[float, int]]) -> None:
    values, weights = (np.array(part, dtype=np.float64) for part in zip(*pairs, strict=True))
    found = isotonic(values, weights)
    assert (np.diff(found) >= -1e-12).all()
    assert np.average(found, weights=weights) == pytest.approx(np.average(values, weights=weights))


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20).map(sorted))
def test_more_confident_is_never_less_likely_right(confidence: list[float]) -> None:
    chances = chance_of_being_right(calibration_of(500, 1.0), np.array(confidence))
    assert (np.diff(chances) >= -1e-12).all()
