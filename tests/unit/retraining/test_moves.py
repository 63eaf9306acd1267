"""From training to an outcome, step by step: nothing but the record and the facts of the moment."""

from dataclasses import replace
from typing import Any

import pytest

from monitor.retraining.health import Health, RoleFigures
from monitor.retraining.moves import Facts, Foreign, Move, Plan, Wish, next_move, wish_of
from monitor.retraining.record import Retraining
from slipway.model.gate_reports import GateReport, Outcome

NOW = 10_000.0
PLAN = Plan(
    auto_promote="on",
    promote_within_seconds=1_000,
    shadow_ratio=0.2,
    shadow_seconds=100,
    shadow_min_rows=50,
    canary_ratios=(0.05, 0.5),
    canary_step_seconds=100,
    canary_min_requests=50,
    errors_ratio=0.005,
    latency_ratio=1.5,
    disagreement_ratio=0.1,
)
GOOD = Health(RoleFigures(requests=900), RoleFigures(requests=100), compared=100, differ=1)
BAD = replace(GOOD, differ=90)
FEW = replace(GOOD, challenger=RoleFigures(requests=3), compared=3)


def record(**different: Any) -> Retraining:
    values: dict[str, Any] = {
        "retraining_id": "r-1",
        "model": "spam",
        "champion": "1.0.0",
        "version": "1.1.0",
        "kind": "quality",
        "reason": "worse",
        "state": "training",
        "outcome": None,
        "started": NOW,
        "changed": NOW,
        "step": 1,
        "applied": True,
        "generation": 3,
        "since": NOW,
        "until": NOW + 100,
        "dataset": "d",
        "must_gain": True,
        "notes": {"delivery": 1},
    }
    return Retraining(**(values | different))


def report(outcome: Outcome) -> GateReport:
    return GateReport("r-1", "spam", "1.0.0", "1.1.0", "d", outcome, "said so.", "then")


def canary(place: int, **different: Any) -> Retraining:
    return record(state="canary", notes={"ratio": place}, **different)


def moved(found: Move | None) -> tuple[str, str | None]:
    assert found is not None
    return found.state, found.outcome


def test_a_trained_version_goes_to_the_gate_and_one_that_passed_into_the_shadow() -> None:
    assert next_move(record(), Facts(NOW, job_seen=NOW), PLAN) is None
    published = Facts(NOW, published=True, job_seen=NOW)
    assert moved(next_move(record(), published, PLAN)) == ("gate", None)
    found = next_move(record(state="gate"), Facts(NOW, report=report("passed")), PLAN)
    assert moved(found) == ("shadow", None)


@pytest.mark.parametrize("outcome", ["rejected", "failed"])
def test_a_gate_that_says_no_ends_it_with_its_reason(outcome: Outcome) -> None:
    found = next_move(record(state="gate"), Facts(NOW, report=report(outcome)), PLAN)
    assert moved(found) == ("done", outcome) and found is not None and found.reason == "said so."


def test_a_lost_job_is_put_on_the_queue_again_but_not_for_ever() -> None:
    found = next_move(record(), Facts(NOW + 31, job_seen=NOW), PLAN)
    assert found is not None and found.again and found.notes == {"delivery": 2}
    given_up = next_move(record(notes={"delivery": 5}), Facts(NOW + 31, job_seen=NOW), PLAN)
    assert moved(given_up) == ("done", "failed")


def test_a_step_is_decided_shortly_before_it_ends_by_itself() -> None:
    shadow = record(state="shadow")
    assert next_move(shadow, Facts(NOW + 50, health=GOOD), PLAN) is None
    assert moved(next_move(shadow, Facts(NOW + 81, health=GOOD), PLAN)) == ("canary", None)


def test_the_canary_steps_up_and_is_promoted_at_the_end() -> None:
    found = next_move(canary(0), Facts(NOW + 81, health=GOOD), PLAN)
    assert found is not None and found.notes["ratio"] == 1 and "50%" in found.reason
    end = next_move(canary(1), Facts(NOW + 81, health=GOOD), PLAN)
    assert moved(end) == ("done", "promoted")


def test_harm_ends_it_at_once() -> None:
    for at_work in (record(state="shadow"), canary(0), canary(1)):
        assert moved(next_move(at_work, Facts(NOW + 5, health=BAD), PLAN)) == (
            "done",
            "rolled_back",
        )


def test_too_few_requests_are_waited_for_and_in_the_end_given_up() -> None:
    found = next_move(canary(0), Facts(NOW + 81, health=FEW), PLAN)
    assert moved(found) == ("canary", None) and found is not None
    assert found.notes == {"repeats": 1} and "Too few requests" in found.reason
    tired = record(state="canary", notes={"ratio": 0, "repeats": 20})
    assert moved(next_move(tired, Facts(NOW + 81, health=FEW), PLAN)) == ("done", "lapsed")


def test_a_step_with_too_few_requests_lasts_longer_and_forgets_nothing() -> None:
    found = next_move(canary(1), Facts(NOW + 81, health=FEW), PLAN)
    assert found is not None and found.goes_on and "Too few requests" in found.reason


def test_a_share_of_callers_in_which_hardly_anybody_asks_is_widened() -> None:
    many = replace(FEW, champion=RoleFigures(requests=3_000))
    found = next_move(canary(0), Facts(NOW + 81, health=many), PLAN)
    assert found is not None and found.notes == {"widened": 0.1} and not found.goes_on
    assert found.reason.startswith("At 5%: 3 of 3003 requests") and "10%" in found.reason
    wide = record(state="canary", notes={"ratio": 0, "widened": 0.4})
    up = next_move(wide, Facts(NOW + 81, health=many), PLAN)
    assert up is not None and up.notes == {"ratio": 1, "widened": None}


def test_a_step_that_ended_while_the_monitor_was_away_is_taken_once_more() -> None:
    found = next_move(canary(1), Facts(NOW + 500, health=FEW), PLAN)
    assert moved(found) == ("canary", None)
    assert found is not None and "had ended by itself" in found.reason and not found.goes_on


@pytest.mark.parametrize(
    ("setting", "from_shadow", "from_canary"),
    [("off", "waiting", "waiting"), ("canary", "canary", "waiting"), ("on", "canary", "done")],
)
def test_a_person_decides_unless_the_setting_says_otherwise(
    setting: Any, from_shadow: str, from_canary: str
) -> None:
    plan = replace(PLAN, auto_promote=setting)
    facts = Facts(NOW + 81, health=GOOD)
    assert moved(next_move(record(state="shadow"), facts, plan))[0] == from_shadow
    assert moved(next_move(canary(1), facts, plan))[0] == from_canary


def test_waiting_for_a_person_ends_at_its_time() -> None:
    waiting = record(state="waiting")
    assert next_move(waiting, Facts(NOW + 99), PLAN) is None
    assert moved(next_move(waiting, Facts(NOW + 100), PLAN)) == ("done", "lapsed")


@pytest.mark.parametrize(
    ("foreign", "outcome"),
    [
        (Foreign("1.1.0", None, "anna", "it is good"), "promoted"),
        (Foreign("0.9.0", None, "anna", "back"), "superseded"),
        (Foreign("1.0.0", None, "anna", "stop it"), "superseded"),
    ],
)
def test_what_a_person_decides_counts(foreign: Foreign, outcome: str) -> None:
    found = next_move(canary(0), Facts(NOW + 5, foreign=foreign, health=GOOD), PLAN)
    assert moved(found) == ("done", outcome)
    assert found is not None and "by anna" in found.reason


def test_a_version_that_a_process_refuses_is_taken_back() -> None:
    found = next_move(canary(0), Facts(NOW + 5, health=GOOD, refused="golden.json differs"), PLAN)
    assert moved(found) == ("done", "rolled_back")


def test_what_the_alias_is_to_say_follows_from_the_record_alone() -> None:
    assert wish_of(record(state="shadow"), PLAN) == Wish("shadow", 0.2)
    assert wish_of(canary(1), PLAN) == Wish("canary", 0.5, shadow_ratio=0.2)
    wider = record(state="canary", notes={"ratio": 0, "widened": 0.1})
    assert wish_of(wider, PLAN) == Wish("canary", 0.1, shadow_ratio=0.2)
    assert wish_of(record(state="waiting"), PLAN) == Wish("nothing")
    won = record(state="done", outcome="promoted", notes={"promote": True})
    assert wish_of(won, PLAN) == Wish("champion")
    assert wish_of(record(state="done", outcome="rolled_back"), PLAN) == Wish("nothing")
