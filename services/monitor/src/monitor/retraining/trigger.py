"""Is there reason to train a model again? Pure: from what the monitor knows to a reason, or none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from monitor.quality.estimating import Estimate
from monitor.quality.verdict import QualityResult

Kind = Literal["quality", "drift", "schedule", "person"]


@dataclass(frozen=True)
class Baseline:
    """The champion's figure on the rows held back in its training, with its interval."""

    metric: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Known:
    """What is known of the champion. alarms: features over their threshold in two of three windows.
    since: when it became champion or the last training began, seconds since 1970."""

    baseline: Baseline | None
    quality: QualityResult | None
    alarms: Sequence[str]
    estimate: Estimate | None
    since: float


@dataclass(frozen=True)
class Trigger:
    """Why a model should be trained again. figures: the numbers that say so."""

    kind: Kind
    reason: str
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def must_gain(self) -> bool:
        """Whether a challenger has to be better; where all is well, not being worse is enough."""
        return self.kind in ("quality", "drift")


def find_trigger(known: Known, every_seconds: float, now: float) -> Trigger | None:
    """The weightiest reason. every_seconds: the schedule, 0 for none."""
    return _worse(known) or _drifted(known) or _due(known, every_seconds, now)


def _worse(known: Known) -> Trigger | None:
    """Quality below the baseline by more than its interval."""
    quality, baseline = known.quality, known.baseline
    if quality is None or baseline is None or quality.state != "worse":
        return None
    for figure in quality.figures:
        if figure.metric == baseline.metric and not figure.outcome:
            reason = (
                f"{_words(figure.metric)} {figure.value:.3g} ({figure.low:.3g} to {figure.high:.3g}) of "
                f"{figure.n:.0f} labelled rows, {baseline.value:.3g} in training "
                f"({baseline.low:.3g} to {baseline.high:.3g})."
            )
            numbers = {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}
            return Trigger("quality", reason, numbers | {"expected": baseline.value})
    return None


def _drifted(known: Known) -> Trigger | None:
    """Drift alone is no reason; together with a lower estimated accuracy it is."""
    estimate, baseline = known.estimate, known.baseline
    if not known.alarms or estimate is None or baseline is None or baseline.metric != "accuracy":
        return None
    if estimate.high >= baseline.low:
        return None
    reason = (
        f"Drift in {', '.join(known.alarms)} in two of three windows, and accuracy estimated at "
        f"{estimate.value:.3g} ({estimate.low:.3g} to {estimate.high:.3g}), {baseline.value:.3g} in "
        "training."
    )
    numbers = {"estimate": estimate.value, "low": estimate.low, "high": estimate.high}
    return Trigger("drift", reason, numbers | {"expected": baseline.value, "n": estimate.n})


def _due(known: Known, every_seconds: float, now: float) -> Trigger | None:
    age = now - known.since
    if not every_seconds or age < every_seconds:
        return None
    reason = (
        f"{age / 86_400:.3g} days since the last one; SLIPWAY_RETRAIN_EVERY_SECONDS says every "
    )
    return Trigger("schedule", f"{reason}{every_seconds / 86_400:.3g}.", {"age_seconds": age})


def _words(metric: str) -> str:
    return {"accuracy": "Accuracy", "mae": "Mean absolute error"}.get(metric, metric)
