"""The estimate of a regression's errors before labels come, against worlds whose truth is known."""

import numpy as np
import pytest

from monitor.drift.reference import Reference, WidthCalibration
from monitor.quality.estimating_errors import expected_errors
from slipway.model.training.reference import width_calibration
from support.references import reference_of

GENERATOR = np.random.default_rng(12)


def world(n: int, low: float, high: float, honest: float = 1.0) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """(widths, errors): errors are normal, their deviation is a quarter of the width, times `honest`."""
    widths = GENERATOR.uniform(low, high, n)
    return widths, GENERATOR.normal(0, honest * widths / 4)


def calibration_of(n: int = 4_000, honest: float = 1.0) -> WidthCalibration:
    widths, errors = world(n, 1.0, 10.0, honest)
    found = width_calibration(widths, np.abs(errors), np.abs(errors) <= widths / 2)
    return WidthCalibration(**found)


@pytest.mark.parametrize("honest", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(("low", "high"), [(1, 10), (1, 2), (8, 10), (10, 30), (0.1, 1)])
def test_the_estimate_is_near_the_true_error_also_where_widths_promise_too_much(
    honest: float, low: float, high: float
) -> None:
    widths = GENERATOR.uniform(low, high, 1_000)
    truth = float((honest * widths / 4).mean() * np.sqrt(2 / np.pi))
    calibration = calibration_of(20_000, honest)
    mae, coverage = expected_errors(calibration, widths, np.ones(1_000))
    assert mae.value == pytest.approx(truth, rel=0.08)
    inside = {0.5: 1.0, 1.0: 0.954, 2.0: 0.683}[honest]
    assert coverage.value == pytest.approx(inside, abs=0.03)


def test_the_intervals_hold_what_labels_show_about_as_often_as_they_say() -> None:
    held = np.zeros(2)
    for _ in range(200):
        calibration = calibration_of(1_000)
        widths, errors = world(800, 1.0, 10.0)
        shown = np.abs(errors).mean(), (np.abs(errors) <= widths / 2).mean()
        found = expected_errors(calibration, widths, np.ones(800))
        held += [e.low <= s <= e.high for e, s in zip(found, shown, strict=True)]
    assert (held / 200 > 0.9).all()


def test_a_hand_worked_case() -> None:
    calibration = WidthCalibration(
        counts=(10, 10),
        mean_width=(2.0, 4.0),
        mean_distance=(1.0, 3.0),
        variance_of_distance=(0.0, 0.0),
        covered=(0.8, 0.9),
    )
    # On the first knot, half-way, on the last, and twice as wide as anything seen.
    mae, coverage = expected_errors(calibration, np.array([2.0, 3.0, 4.0, 8.0]), np.ones(4))
    assert mae.value == pytest.approx((1 + 2 + 3 + 6) / 4)
    assert (mae.low, mae.high) == (mae.value, mae.value)
    assert coverage.value == pytest.approx((0.8 + 0.85 + 0.9 + 0.9) / 4)


def test_a_row_of_weight_three_counts_as_three() -> None:
    calibration = WidthCalibration((1, 1), (1.0, 2.0), (1.0, 2.0), (0.0, 0.0), (1.0, 1.0))
    mae, _ = expected_errors(calibration, np.array([1.0, 2.0]), np.array([3.0, 1.0]))
    assert mae.value == pytest.approx(1.25)


@pytest.mark.parametrize("width", [0.0, 3.0])
def test_intervals_of_one_width_only_have_an_estimate(width: float) -> None:
    found = width_calibration(np.full(50, width), np.full(50, 1.5), np.ones(50, dtype=bool))
    mae, coverage = expected_errors(WidthCalibration(**found), np.full(600, width), np.ones(600))
    assert (mae.value, coverage.value) == (pytest.approx(1.5), pytest.approx(1.0))


def test_references_from_before_the_calibration_are_read() -> None:
    before = {"interval": {"nominal_coverage": 0.9, "coverage": 0.91, "width": {}}}
    reference: Reference = reference_of([{"a": 1.0}] * 10, **before)
    assert reference.interval is not None
    assert reference.interval.calibration is None
