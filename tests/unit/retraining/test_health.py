"""Is a challenger good enough beside the champion? Certain harm ends it, too little says nothing."""

from dataclasses import replace

from monitor.retraining.health import Health, Limits, RoleFigures, judge_health

LIMITS = Limits(
    errors_ratio=0.005,
    latency_ratio=1.5,
    disagreement_ratio=0.1,
    expected_disagreement=0.05,
    needed=50,
)
WELL = RoleFigures(
    requests=200, rows=200, p95=0.010, shares={"spam": 0.3, "not_spam": 0.7}, labelled=50, right=49
)
HEALTH = Health(replace(WELL, requests=1000, rows=1000), WELL)


def test_a_challenger_like_the_champion_is_good() -> None:
    verdict, said = judge_health(HEALTH, LIMITS)
    assert verdict == "good" and "0 of 200 requests failed" in said


def test_too_few_requests_say_nothing() -> None:
    few = replace(HEALTH, challenger=replace(WELL, requests=10, rows=10))
    assert judge_health(few, LIMITS) == ("too_few", "10 requests so far, 50 are needed.")


def test_what_a_canary_scored_unseen_is_no_request_that_it_answered() -> None:
    few = replace(HEALTH, challenger=replace(WELL, requests=10, rows=10, unseen=900), compared=900)
    assert judge_health(few, LIMITS) == ("too_few", "10 requests so far, 50 are needed.")
    shadow = replace(LIMITS, needed_of="rows")
    assert judge_health(few, shadow)[0] == "good"
    assert judge_health(replace(few, compared=9), shadow)[1] == "10 rows so far, 50 are needed."


def test_failures_that_the_champion_does_not_have_are_bad() -> None:
    verdict, said = judge_health(replace(HEALTH, challenger=replace(WELL, errors=8)), LIMITS)
    assert verdict == "bad" and "8 of 200 requests failed, 0 of 1000 of the champion's" in said


def test_failures_on_what_a_canary_scored_unseen_are_held_against_all_that_it_was_asked() -> None:
    few = replace(WELL, requests=10, unseen=300, errors=8)
    verdict, said = judge_health(replace(HEALTH, challenger=few), LIMITS)
    assert verdict == "bad" and said.startswith("8 of 310 requests failed")
    many = replace(WELL, requests=100, unseen=3_000, errors=8)
    assert judge_health(replace(HEALTH, challenger=many), LIMITS)[0] == "good"


def test_failures_that_both_have_are_not_its_fault() -> None:
    both = Health(replace(WELL, requests=1000, errors=40), replace(WELL, errors=8))
    assert judge_health(both, LIMITS)[0] == "good"


def test_two_failures_may_be_anybodys() -> None:
    first = replace(HEALTH, challenger=replace(WELL, requests=10, errors=2))
    assert judge_health(first, LIMITS)[0] == "too_few"


def test_slower_answers_are_bad_beyond_the_ratio_and_the_floor() -> None:
    slow = replace(HEALTH, challenger=replace(WELL, p95=0.030))
    assert judge_health(slow, LIMITS)[0] == "bad"
    assert judge_health(replace(HEALTH, challenger=replace(WELL, p95=0.024)), LIMITS)[0] == "good"


def test_more_disagreement_than_at_the_gate_is_bad() -> None:
    assert judge_health(replace(HEALTH, compared=200, differ=20), LIMITS)[0] == "good"
    verdict, said = judge_health(replace(HEALTH, compared=200, differ=60), LIMITS)
    assert verdict == "bad" and "60 of 200 rows otherwise" in said and "5.0%" in said


def test_other_answers_on_the_whole_are_bad() -> None:
    odd = replace(WELL, shares={"spam": 0.6, "not_spam": 0.4})
    verdict, said = judge_health(replace(HEALTH, challenger=odd), LIMITS)
    assert verdict == "bad" and "not_spam in 40.0% of 200 rows" in said


def test_callers_who_ask_about_other_things_are_no_harm_where_both_answer_the_same_rows_alike() -> (
    None
):
    odd = replace(WELL, shares={"spam": 0.6, "not_spam": 0.4})
    alike = replace(HEALTH, challenger=odd, compared=200, differ=2)
    assert judge_health(alike, LIMITS)[0] == "good"
    assert judge_health(replace(alike, compared=20), LIMITS)[0] == "bad"


def test_labels_that_say_it_is_worse_are_bad() -> None:
    worse = Health(replace(WELL, labelled=200, right=196), replace(WELL, labelled=50, right=35))
    verdict, said = judge_health(worse, LIMITS)
    assert (
        verdict == "bad" and said == "Labels say 70.0% right of 50 rows, the champion 98.0% of 200."
    )
