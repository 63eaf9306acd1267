"""Above its rate the predictor keeps whole requests, which then stand for those left out."""

import random

import pytest

from predictor.event_sampling import EventSampler


def sampler(rows_per_second: float) -> EventSampler:
    return EventSampler(rows_per_second, random.Random(7))


def test_below_the_rate_every_request_is_kept_with_weight_one() -> None:
    events = sampler(100)
    assert {events.weight(1, now=1000 + second / 50) for second in range(500)} == {1.0}


def test_one_large_request_is_no_flood() -> None:
    assert sampler(100).weight(1_000, now=1000.0) == 1.0


@pytest.mark.parametrize("rows", [1, 10])
def test_in_a_flood_the_kept_rows_are_few_and_their_weights_add_up_to_all(rows: int) -> None:
    events = sampler(100)
    asked = 200_000
    found = [events.weight(rows, now=1000 + i * rows / 10_000) for i in range(asked // rows)]
    kept = [weight for weight in found if weight is not None]
    seconds = asked / 10_000
    assert len(kept) * rows < 4 * 100 * seconds
    assert sum(kept) * rows == pytest.approx(asked, rel=0.1)


def test_after_a_flood_every_request_is_kept_again() -> None:
    events = sampler(10)
    for _ in range(10_000):
        events.weight(1, now=1000.0)
    assert events.weight(1, now=1030.0) == 1.0
