"""Champion against challenger on the same rows: certainty, not luck, decides."""

import time
from typing import Any, cast

import numpy as np
import pytest

from slipway.model.datasets.records import Row
from worker.gate.checks import group_checks, holdout_check, key_check, newest_check
from worker.gate.paired import mcnemar_p, paired_difference
from worker.gate.scored import Scored
from worker.gate.serving_checks import latency_check, size_check


def scored(
    n: int, champion_wrong: int, challenger_wrong: int, key: str | None = None, target: str = "spam"
) -> Scored:
    """The champion is wrong on the first rows, the challenger on the last ones."""
    champion, challenger = np.ones(n), np.ones(n)
    champion[:champion_wrong] = 0
    challenger[n - challenger_wrong :] = 0
    rows = [Row({"message": str(i)}, target, key_id=key) for i in range(n)]
    return Scored(rows, champion, challenger, champion == challenger, labels=True)


def joined(*parts: Scored) -> Scored:
    return Scored(
        [row for part in parts for row in part.rows],
        np.concatenate([part.champion for part in parts]),
        np.concatenate([part.challenger for part in parts]),
        np.concatenate([part.same for part in parts]),
        labels=True,
    )


def test_the_interval_of_a_paired_difference_holds_the_difference() -> None:
    found = paired_difference(*(scored(400, 80, 20).champion, scored(400, 80, 20).challenger))
    assert found.value == pytest.approx(0.15) and found.low < 0.15 < found.high
    assert found.low > 0.09 and found.high < 0.21


def test_no_difference_has_an_interval_of_nothing() -> None:
    assert paired_difference(np.ones(50), np.ones(50))[:3] == (0, 0, 0)


@pytest.mark.parametrize(
    # Exact binomial probabilities: 2 · P(X ≤ k), X of n fair coins.
    ("alone", "p"),
    [((0, 0), 1.0), ((0, 6), 2 / 64), ((1, 9), 22 / 1024), ((5, 5), 1.0)],
)
def test_mcnemar_counts_the_rows_that_one_alone_gets_right(
    alone: tuple[int, int], p: float
) -> None:
    champion = np.array([True] * alone[0] + [False] * alone[1] + [True] * 20)
    challenger = np.array([False] * alone[0] + [True] * alone[1] + [True] * 20)
    assert mcnemar_p(champion, challenger) == pytest.approx(p)


def test_many_discordant_rows_use_the_chi_square() -> None:
    champion = np.array([True] * 700 + [False] * 800)
    assert 0.005 < mcnemar_p(champion, ~champion) < 0.02  # exactly 0.0105


def test_a_gain_on_the_newest_rows_must_be_certain_where_it_is_the_reason() -> None:
    assert newest_check(scored(300, 60, 10), must_gain=True).passed
    assert not newest_check(scored(300, 5, 3), must_gain=True).passed
    assert newest_check(scored(300, 5, 3), must_gain=False).passed
    assert not newest_check(scored(300, 3, 40), must_gain=False).passed


def test_the_holdout_may_lose_no_more_than_the_tolerance() -> None:
    assert holdout_check(scored(2_000, 10, 15), None).passed
    assert not holdout_check(scored(2_000, 10, 90), None).passed


def test_a_holdout_that_the_champion_was_trained_on_is_held_against_what_it_said_before() -> None:
    expected = {"value": 0.95, "low": 0.93, "high": 0.97}
    seen = scored(500, 0, 30)  # the champion knows every row by heart
    assert not holdout_check(seen, None).passed
    found = holdout_check(seen, expected)
    assert found.passed and "was trained on them, had 0.95" in found.said
    assert not holdout_check(scored(500, 0, 60), expected).passed


def test_a_group_that_is_certainly_worse_is_found() -> None:
    both = joined(scored(300, 60, 0), scored(100, 0, 20, target="not_spam"))
    found = {c.name: c.passed for c in group_checks("truth", both, lambda row: str(row.target))}
    assert found == {"truth: spam": True, "truth: not_spam": False}


def test_a_group_of_few_rows_says_nothing() -> None:
    both = joined(scored(300, 60, 0), scored(20, 0, 20, target="not_spam"))
    assert [c.name for c in group_checks("truth", both, lambda r: str(r.target))] == ["truth: spam"]


def test_a_gain_that_is_one_keys_alone_names_the_key() -> None:
    both = joined(scored(200, 150, 0, key="mallory"), scored(200, 0, 10, key="other"))
    found = key_check(both)
    assert not found.passed and "rows that key mallory did not label" in found.said


def test_a_challenger_may_not_be_much_larger() -> None:
    assert size_check(1_000_000, 2_900_000).passed
    assert not size_check(1_000_000, 3_100_000).passed


class Answering:
    """A model that takes its time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def predict(self, instances: list[Any]) -> list[Any]:
        time.sleep(self._seconds)
        return instances


def test_a_slower_challenger_is_found() -> None:
    rows = scored(20, 0, 0).rows
    champion, slow = cast(Any, Answering(0.001)), cast(Any, Answering(0.02))
    found = latency_check(champion, slow, rows)
    assert not found.passed and "the champion" in found.said
    assert latency_check(slow, champion, rows).passed
