"""Token buckets, with a clock that a test moves."""

import pytest

from predictor.rate_limit import RateLimits
from slipway.core.errors import RateLimited


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def allowed(limits: RateLimits, key: str | None, calls: int) -> int:
    passed = 0
    for _ in range(calls):
        try:
            limits.take(key)
        except RateLimited:
            continue
        passed += 1
    return passed


def test_a_key_has_its_burst_and_then_its_rate() -> None:
    clock = Clock()
    limits = RateLimits(rate=8, burst=5, clock=clock)
    assert allowed(limits, "a", 20) == 5
    clock.now += 1
    assert allowed(limits, "a", 20) == 5  # a pause fills the bucket, not more
    for _ in range(10):
        clock.now += 0.125
        assert allowed(limits, "a", 3) == 1


def test_one_key_takes_nothing_from_another() -> None:
    limits = RateLimits(rate=1, burst=2, clock=Clock())
    assert allowed(limits, "a", 9) == 2
    assert allowed(limits, "b", 9) == 2


def test_who_is_refused_is_told_when_there_is_a_token() -> None:
    clock = Clock()
    limits = RateLimits(rate=0.1, burst=1, clock=clock)
    limits.take("a")
    with pytest.raises(RateLimited) as refusal:
        limits.take("a")
    assert refusal.value.retry_after_seconds == pytest.approx(10)
    clock.now += 10
    limits.take("a")


def test_a_rate_of_zero_is_no_limit() -> None:
    assert allowed(RateLimits(rate=0, burst=0, clock=Clock()), "a", 1000) == 1000
