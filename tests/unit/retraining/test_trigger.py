"""When is there reason to train again? Quality first; drift only together with a lower estimate."""

import pytest

from monitor.quality.estimating import Estimate
from monitor.quality.reports import Measured
from monitor.quality.verdict import QualityResult, QualityState
from monitor.retraining.brakes import Brakes, Refused
from monitor.retraining.trigger import Baseline, Known, find_trigger

BASELINE = Baseline("accuracy", 0.98, 0.97, 0.99)
NOW = 1_000_000.0


def quality(state: QualityState, value: float = 0.8) -> QualityResult:
    figure = Measured("accuracy", "", value, value - 0.05, value + 0.05, 200.0)
    return QualityResult(state, 200, 400, 5.0, 9.0, [figure], [])


def known(
    measured: QualityResult | None = None,
    alarms: tuple[str, ...] = (),
    estimate: float | None = None,
) -> Known:
    guess = None if estimate is None else Estimate(estimate, estimate - 0.01, estimate + 0.01, 500)
    return Known(BASELINE, measured, alarms, guess, since=NOW - 1000)


def test_quality_that_is_certainly_worse_is_a_reason_with_its_numbers() -> None:
    found = find_trigger(known(quality("worse")), 0, NOW)
    assert found is not None and found.kind == "quality" and found.must_gain
    assert "0.8 (0.75 to 0.85) of 200 labelled rows, 0.98 in training" in found.reason
    assert found.figures["value"] == 0.8 and found.figures["expected"] == 0.98


@pytest.mark.parametrize("measured", [quality("ok"), quality("insufficient_data"), None])
def test_quality_within_its_interval_is_none(measured: QualityResult | None) -> None:
    assert find_trigger(known(measured), 0, NOW) is None


def test_drift_alone_is_no_reason() -> None:
    assert find_trigger(known(alarms=("words",)), 0, NOW) is None
    assert find_trigger(known(alarms=("words",), estimate=0.98), 0, NOW) is None


def test_a_lower_estimate_alone_is_no_reason() -> None:
    assert find_trigger(known(estimate=0.8), 0, NOW) is None


def test_drift_together_with_a_lower_estimate_is() -> None:
    found = find_trigger(known(alarms=("words",), estimate=0.9), 0, NOW)
    assert found is not None and found.kind == "drift"
    assert "words" in found.reason and "0.9 (0.89 to 0.91)" in found.reason


def test_a_schedule_is_due_only_after_its_time_and_asks_for_no_gain() -> None:
    assert find_trigger(known(), 2000, NOW) is None
    found = find_trigger(known(), 900, NOW)
    assert found is not None and found.kind == "schedule" and not found.must_gain


def test_the_cooldown_holds_back_what_begins_by_itself_but_not_a_person() -> None:
    brakes = Brakes(cooldown_seconds=3600, per_week=3)
    with pytest.raises(Refused, match="SLIPWAY_RETRAIN_COOLDOWN_SECONDS") as refused:
        brakes.check([NOW - 600], NOW, asked=False)
    assert refused.value.code == "cooldown"
    brakes.check([NOW - 600], NOW, asked=True)
    brakes.check([NOW - 4000], NOW, asked=False)


def test_the_weeks_budget_holds_back_people_as_well() -> None:
    brakes = Brakes(cooldown_seconds=0, per_week=2)
    brakes.check([NOW - 8 * 86_400, NOW - 600], NOW, asked=True)
    with pytest.raises(Refused, match="SLIPWAY_RETRAIN_PER_WEEK allows 2"):
        brakes.check([NOW - 1200, NOW - 600], NOW, asked=True)
