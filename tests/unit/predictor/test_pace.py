"""What a forward is expected to take: measured once, then learned."""

from dataclasses import replace

import pytest

from predictor.pace import Pace
from slipway.model.capacity import Capacity
from support.fake_model import fake_model

MODEL = replace(fake_model(), capacity=Capacity((1, 8), (0.010, 0.040), best_rows=8))


def test_until_one_was_seen_it_is_what_was_measured() -> None:
    assert Pace().seconds_for(MODEL, 8) == 0.040


def test_a_quick_one_is_believed_at_once_and_a_slower_one_by_and_by() -> None:
    pace = Pace()
    pace.note(MODEL, 8, 0.002)
    assert pace.seconds_for(MODEL, 8) == 0.002
    pace.note(MODEL, 8, 0.006)
    assert pace.seconds_for(MODEL, 8) == pytest.approx(0.00204)
    for _ in range(200):
        pace.note(MODEL, 8, 0.006)
    assert pace.seconds_for(MODEL, 8) == 0.006


def test_one_that_would_hold_up_everybody_is_believed_at_once() -> None:
    pace = Pace()
    pace.note(MODEL, 8, 0.002)
    pace.note(MODEL, 8, 0.030)
    assert pace.seconds_for(MODEL, 8) == 0.030


def test_sizes_and_models_are_learned_apart() -> None:
    pace = Pace()
    pace.note(MODEL, 8, 0.002)
    assert pace.seconds_for(MODEL, 1) == 0.010
    assert pace.seconds_for(replace(MODEL, digest="1" * 64), 8) == 0.040
