"""A shadow's rows in the log: beside the answers, never among them."""

import pytest

from monitor.prediction_log.captured_rows import captured_rows
from monitor.prediction_log.labelled_rows import coverage, newest_labelled
from monitor.prediction_log.opening import PredictionLog
from monitor.prediction_log.tables import predictions
from monitor.prediction_log.timeline import steps_of
from monitor.prediction_log.window_rows import Version, rows_after
from support.intake import Intake
from support.monitored import a_label, an_event

CHAMPION, CHALLENGER = Version("spam", "1.0.0"), Version("spam", "2.0.0")
NOW = 1_796_000_000.0


@pytest.fixture
def intake(prediction_log: PredictionLog) -> Intake:
    """Ten requests, of which six were also scored in the shadow, otherwise than the champion."""
    intake = Intake(prediction_log, keep_inputs=True)
    for number in range(10):
        request = f"request-{number}"
        asked = {"message": f"number {number}"}
        events = [an_event(f"c-{number}", request_id=request, inputs=asked)]
        if number < 6:
            events.append(
                an_event(
                    f"s-{number}",
                    request_id=request,
                    version="2.0.0",
                    role="shadow",
                    prediction="not_spam",
                    generation=2,
                )
            )
        intake.events(*events)
    return intake


def test_the_windows_of_the_champion_hold_its_answers_alone(intake: Intake) -> None:
    with intake.log.reading() as connection:
        champions = rows_after(connection, CHAMPION, 0, 100)
        challengers = rows_after(connection, CHALLENGER, 0, 100)
    assert {row.predicted_label for row in champions} == {"spam"}
    assert (len(champions), len(challengers)) == (10, 6)


def test_one_label_joins_what_both_said(intake: Intake) -> None:
    intake.labels(a_label(request_id="request-3"))
    assert intake.labels_counted("joined") == 1
    with intake.log.reading() as connection:
        [champions] = newest_labelled(connection, CHAMPION, 100, NOW)
        [challengers] = newest_labelled(connection, CHALLENGER, 100, NOW)
        assert coverage(connection, CHAMPION, 0, NOW) == (1, 10)
        assert coverage(connection, CHALLENGER, 0, NOW) == (1, 6)
    assert (champions.predicted_label, champions.true_label) == ("spam", "spam")
    assert (challengers.predicted_label, challengers.true_label) == ("not_spam", "spam")


def test_a_label_that_was_early_joins_the_shadow_whenever_that_comes(
    prediction_log: PredictionLog,
) -> None:
    intake = Intake(prediction_log)
    intake.labels(a_label())
    intake.events(an_event())
    intake.events(an_event("s-1", version="2.0.0", role="shadow"))
    assert [row.true_label for row in intake.rows(predictions)] == ["spam", "spam"]


def test_quality_over_time_keeps_the_versions_apart(intake: Intake) -> None:
    intake.labels(*(a_label(f"l-{n}", request_id=f"request-{n}") for n in range(10)))
    with intake.log.reading() as connection:
        steps = steps_of(connection, "spam", 1_794_999_000.0, 10_000.0)
    assert {(step.version, step.labelled, step.correct) for step in steps} == {
        ("1.0.0", 10, 10.0),
        ("2.0.0", 6, 0.0),
    }


def test_what_was_asked_is_found_once(intake: Intake) -> None:
    with intake.log.reading() as connection:
        rows = captured_rows(connection, "spam", 0.0, NOW, None, 100)
    assert len(rows) == 10
    assert {row.version for row in rows} == {"1.0.0"}
