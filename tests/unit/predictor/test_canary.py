"""Which requests a challenger takes part in."""

from collections import Counter
from itertools import pairwise

import pytest
from scipy.stats import chisquare

from predictor.canary import answers, place, scores_too
from predictor.serving import LoadedRole, Served
from support.fake_model import fake_model

CALLERS = [f"caller-{number}" for number in range(20_000)]


def challenger(
    weight: float,
    role: LoadedRole = "canary",
    ends_at: float | None = None,
    version: str = "2.0.0",
    shadow_weight: float = 0.0,
) -> Served:
    return Served(fake_model("spam", version), role, 3, weight, ends_at, shadow_weight)


def those_within(weight: float, version: str = "2.0.0") -> set[str]:
    served = challenger(weight, version=version)
    return {caller for caller in CALLERS if answers(served, caller, 0.0)}


def test_callers_are_spread_evenly_over_all_places() -> None:
    places = Counter(int(20 * place("spam", "2.0.0", caller)) for caller in CALLERS)
    assert chisquare([places[twentieth] for twentieth in range(20)]).pvalue > 0.001


@pytest.mark.parametrize("weight", [0.01, 0.05, 0.25, 0.5])
def test_a_weight_is_the_share_of_callers(weight: float) -> None:
    deviation = (weight * (1 - weight) / len(CALLERS)) ** 0.5
    assert abs(len(those_within(weight)) / len(CALLERS) - weight) < 4 * deviation


def test_a_caller_is_answered_by_the_same_version_every_time() -> None:
    assert those_within(0.25) == those_within(0.25)


def test_more_weight_moves_callers_to_the_canary_and_none_away() -> None:
    steps = [those_within(weight) for weight in (0.05, 0.25, 0.5, 1.0)]
    for smaller, larger in pairwise(steps):
        assert smaller < larger
    assert steps[-1] == set(CALLERS)


def test_not_the_same_callers_are_first_with_the_next_version() -> None:
    both = those_within(0.25) & those_within(0.25, version="3.0.0")
    assert 0.04 < len(both) / len(CALLERS) < 0.09  # a quarter of a quarter


def test_without_weight_or_without_a_canary_nobody_is_moved() -> None:
    assert those_within(0.0) == set()
    assert not answers(None, "caller", 0.0)
    assert not scores_too(None, "request", 0.0)


def test_a_canary_answers_until_its_time_is_over() -> None:
    served = challenger(1.0, ends_at=100.0)
    assert answers(served, "caller", 99.9)
    assert not answers(served, "caller", 100.0)


def test_a_canary_that_also_scores_takes_a_sample_of_all_requests_until_it_ends() -> None:
    served = challenger(0.01, shadow_weight=0.3, ends_at=100.0)
    scored = sum(scores_too(served, request, 0.0) for request in CALLERS)
    assert abs(scored / len(CALLERS) - 0.3) < 4 * (0.3 * 0.7 / len(CALLERS)) ** 0.5
    assert not scores_too(challenger(0.01, shadow_weight=1.0, ends_at=100.0), "request", 100.0)


def test_a_shadow_never_answers_and_a_canary_alone_scores_nothing_unseen() -> None:
    shadow, canary = challenger(1.0, "shadow"), challenger(1.0, "canary")
    assert not answers(shadow, "caller", 0.0)
    assert scores_too(shadow, "request", 0.0)
    assert not scores_too(canary, "request", 0.0)
    assert not scores_too(challenger(1.0, "shadow", ends_at=100.0), "request", 100.0)


def test_whatever_a_caller_calls_itself_it_has_a_place() -> None:
    for caller in ("", "\udc80", "ü" * 10_000, "\0"):
        assert 0.0 <= place("spam", "2.0.0", caller) < 1.0
