"""Settings of the loop: when a model is trained again, and how its challenger comes to serve."""

from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings


class RetrainingSettings(BaseSettings):
    """Brakes first: nothing is trained unasked, nothing is promoted by itself."""

    # propose: pages say what would be done; auto: it is done. A person may always ask.
    retrain: Literal["propose", "auto"] = "propose"
    # Also every so often, whatever the figures say; 0: no schedule.
    retrain_every_seconds: float = Field(default=0.0, ge=0)
    # After a retraining of a model, how long none is begun by itself, and how many in seven days.
    retrain_cooldown_seconds: float = Field(default=86_400.0, ge=0)
    retrain_per_week: int = Field(default=3, ge=1)
    # Labelled rows with their inputs that a training set needs, and the newest that it takes.
    retrain_min_labels: int = Field(default=500, ge=100)
    retrain_max_labels: int = Field(default=50_000, ge=100)
    # The newest labelled rows, held back to compare champion and challenger on.
    retrain_newest_ratio: float = Field(default=0.3, gt=0, lt=1)
    # Of the labelled rows, what one key may have given where several do.
    retrain_max_key_ratio: float = Field(default=0.5, gt=0, le=1)
    # Go on from the champion's weights, where it was trained with --keep-state.
    retrain_warm: bool = False
    # A training that takes longer has failed.
    retrain_timeout_seconds: int = Field(default=3_600, ge=1)

    # off: gate and shadow, then a person decides; canary: also the canary; on: promoted by itself.
    auto_promote: Literal["off", "canary", "on"] = "off"
    # How long a person has to decide.
    promote_within_seconds: float = Field(default=7 * 86_400.0, gt=0)
    # The share of requests that the challenger also scores, unseen, how long, and how many at least.
    shadow_ratio: float = Field(default=0.2, gt=0, le=1)
    shadow_seconds: float = Field(default=3_600.0, gt=0)
    shadow_min_rows: int = Field(default=200, ge=1)
    # The shares of requests that the canary answers, one step after the other.
    canary_ratios: str = "0.05,0.2,0.5"
    # How long a step lasts: then it ends by itself in every process. Too few requests: once more.
    canary_step_seconds: float = Field(default=1_800.0, gt=0)
    canary_min_requests: int = Field(default=100, ge=1)
    # How much worse than the champion the challenger may be: in failed requests, in p95 (relative),
    # and, beyond what the gate found on labelled rows, in how often the two disagree.
    canary_max_errors_ratio: float = Field(default=0.005, ge=0, le=1)
    canary_max_latency_ratio: float = Field(default=1.5, ge=1)
    canary_max_disagreement_ratio: float = Field(default=0.1, ge=0, le=1)
    # Where each predictor of SLIPWAY_PREDICTORS shows its metrics.
    predictor_metrics_port: int = Field(default=9100, ge=1, le=65535)

    @field_validator("canary_ratios")
    @classmethod
    def _rising(cls, value: str) -> str:
        steps = steps_of(value)
        if not steps or steps != sorted(set(steps)) or not steps[0] > 0 or steps[-1] > 1:
            raise ValueError("must be rising shares from 0 to 1, separated by commas")
        return value


def steps_of(canary_ratios: str) -> list[float]:
    """The shares of a comma-separated setting. Raises ValueError."""
    return [float(part) for part in canary_ratios.split(",") if part.strip()]
