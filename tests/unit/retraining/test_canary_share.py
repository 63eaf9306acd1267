"""Callers are moved whole: a share that holds too few of them is widened, and never past the next step."""

import pytest

from monitor.retraining.canary_share import share_of, widened

RATIOS = (0.05, 0.2, 0.5)


@pytest.mark.parametrize(
    ("share", "notes"),
    [
        (None, {"widened": 0.1}),
        (0.1, {"ratio": 1, "widened": None}),
    ],
)
def test_a_share_without_callers_is_doubled_up_to_the_next_step(
    share: float | None, notes: dict[str, object]
) -> None:
    found = widened({"ratio": 0, "widened": share}, RATIOS, asked=4_000, answered=0, needed=100)
    assert found == notes


@pytest.mark.parametrize(
    ("asked", "answered"), [(3_900, 0), (4_000, 100)], ids=["few ask at all", "enough"]
)
def test_waiting_will_do_where_few_ask_or_enough_have(asked: int, answered: int) -> None:
    assert widened({"ratio": 0}, RATIOS, asked, answered, 100) is None


def test_the_last_step_is_never_widened() -> None:
    assert widened({"ratio": 2}, RATIOS, 100_000, 0, 100) is None


def test_the_share_is_the_steps_unless_it_was_widened() -> None:
    assert share_of({"ratio": 1}, RATIOS) == 0.2
    assert share_of({"ratio": 1, "widened": None}, RATIOS) == 0.2
    assert share_of({"ratio": 1, "widened": 0.4}, RATIOS) == 0.4
