"""What the next alias says of a challenger."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from slipway.core.errors import Conflict, InvalidInput
from slipway.model.aliases import Alias, Challenger
from slipway.model.promotion import canaried, promoted, rolled_back, shadowed, unchallenged

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=10)
HOW = {"who": "anna", "now": NOW, "why": "try"}


@pytest.fixture
def newest() -> Alias:
    first = promoted(None, "1.0.0", **HOW)
    return promoted(first, "2.0.0", **HOW)


def test_a_shadow_changes_nothing_but_the_challenger(newest: Alias) -> None:
    alias = shadowed(newest, "3.0.0", share=0.5, expires_at=None, **HOW)
    assert (alias.champion, alias.previous, alias.generation) == ("2.0.0", "1.0.0", 3)
    assert alias.challenger == Challenger("3.0.0", "shadow", 0.5)


def test_a_canary_says_when_it_ends(newest: Alias) -> None:
    alias = canaried(newest, "3.0.0", weight=0.1, expires_at=SOON, **HOW)
    assert alias.challenger == Challenger("3.0.0", "canary", 0.1, "2026-11-26T08:10:00.000+00:00")
    assert not alias.challenger.ended(SOON - timedelta(milliseconds=1))
    assert alias.challenger.ended(SOON)


def test_a_canary_may_go_on_scoring_what_the_champion_answers(newest: Alias) -> None:
    alias = canaried(newest, "3.0.0", weight=0.1, shadow_weight=0.5, expires_at=SOON, **HOW)
    assert alias.challenger is not None and alias.challenger.shadow_weight == 0.5
    assert Alias.from_json(msgspec.json.encode(alias)) == alias
    with pytest.raises(InvalidInput, match="share"):
        canaried(newest, "3.0.0", weight=0.1, shadow_weight=1.5, expires_at=SOON, **HOW)


def test_the_end_is_written_in_utc(newest: Alias) -> None:
    elsewhere = SOON.astimezone(timezone(timedelta(hours=5)))
    alias = canaried(newest, "3.0.0", weight=0.1, expires_at=elsewhere, **HOW)
    assert alias.challenger is not None
    assert alias.challenger.expires_at == "2026-11-26T08:10:00.000+00:00"


@pytest.mark.parametrize("weight", [0.0, -0.1, 1.01, float("nan")])
def test_a_share_of_nothing_or_of_more_than_all_is_refused(newest: Alias, weight: float) -> None:
    with pytest.raises(InvalidInput, match="share"):
        canaried(newest, "3.0.0", weight=weight, expires_at=SOON, **HOW)
    with pytest.raises(InvalidInput, match="share"):
        shadowed(newest, "3.0.0", share=weight, expires_at=None, **HOW)


def test_a_canary_that_would_be_over_at_once_is_refused(newest: Alias) -> None:
    with pytest.raises(InvalidInput, match="over already"):
        canaried(newest, "3.0.0", weight=0.1, expires_at=NOW, **HOW)


def test_the_champion_cannot_challenge_itself(newest: Alias) -> None:
    with pytest.raises(Conflict, match="itself"):
        canaried(newest, "2.0.0", weight=0.1, expires_at=SOON, **HOW)


def test_without_a_champion_there_is_no_challenger() -> None:
    with pytest.raises(Conflict, match="no champion in this store"):
        shadowed(None, "3.0.0", share=1.0, expires_at=None, **HOW)


def test_the_champion_answers_alone_once_the_challenge_is_ended(newest: Alias) -> None:
    canary = canaried(newest, "3.0.0", weight=0.1, expires_at=SOON, **HOW)
    alias = unchallenged(canary, **HOW)
    assert (alias.champion, alias.challenger, alias.generation) == ("2.0.0", None, 4)
    with pytest.raises(Conflict, match="no challenger"):
        unchallenged(alias, **HOW)


def test_a_rollback_ends_the_challenge_too(newest: Alias) -> None:
    canary = canaried(newest, "3.0.0", weight=0.1, expires_at=SOON, **HOW)
    alias = rolled_back(canary, **HOW)
    assert (alias.champion, alias.previous, alias.challenger) == ("1.0.0", "2.0.0", None)


def test_a_canary_that_wins_is_the_champion_before_the_one_it_beat(newest: Alias) -> None:
    canary = canaried(newest, "3.0.0", weight=1.0, expires_at=SOON, **HOW)
    alias = promoted(canary, "3.0.0", **HOW)
    assert (alias.champion, alias.previous, alias.challenger) == ("3.0.0", "2.0.0", None)


def test_a_promotion_forgets_a_challenger_whose_time_is_over(newest: Alias) -> None:
    canary = canaried(newest, "3.0.0", weight=0.1, expires_at=SOON, **HOW)
    later = HOW | {"now": SOON}
    assert promoted(canary, "4.0.0", **HOW).challenger == canary.challenger
    assert promoted(canary, "4.0.0", **later).challenger is None


@pytest.mark.parametrize(
    "challenger",
    [
        {"version": "3.0.0", "mode": "canary", "weight": 1.5},
        {"version": "3.0.0", "mode": "canary", "expires_at": "tomorrow"},
        {"version": "3.0.0", "mode": "canary", "expires_at": "2026-11-26T08:00:00"},
        {"version": "3.0.0", "mode": "leading"},
    ],
)
def test_an_alias_with_a_challenger_that_cannot_be_is_refused(challenger: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"weight|isoformat|offset|leading"):
        msgspec.convert(challenger, Challenger)
