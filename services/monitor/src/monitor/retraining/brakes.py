"""What holds a retraining back: pure, over when the last ones were."""

from collections.abc import Sequence
from dataclasses import dataclass

WEEK_SECONDS = 7 * 86_400.0


class Refused(Exception):
    """A retraining that is not begun. code: few and known; reason: a sentence with the number or the
    setting that decides."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Brakes:
    """cooldown_seconds after one was begun, and so many begun in seven days."""

    cooldown_seconds: float
    per_week: int

    def check(self, begun: Sequence[float], now: float, *, asked: bool) -> None:
        """begun: when the model's retrainings were, seconds since 1970. asked: by a person, who may
        pass over the cooldown. Raises Refused."""
        last = max(begun, default=None)
        if not asked and last is not None and now - last < self.cooldown_seconds:
            left = self.cooldown_seconds - (now - last)
            raise Refused(
                "cooldown",
                f"The last one was {now - last:.0f} s ago; by itself none is begun for another "
                f"{left:.0f} s (SLIPWAY_RETRAIN_COOLDOWN_SECONDS).",
            )
        recent = sum(now - time < WEEK_SECONDS for time in begun)
        if recent >= self.per_week:
            raise Refused(
                "budget",
                f"{recent} in the last seven days; SLIPWAY_RETRAIN_PER_WEEK allows {self.per_week}.",
            )
