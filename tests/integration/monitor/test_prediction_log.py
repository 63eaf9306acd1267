"""The log on SQLite and on PostgreSQL: each event once, whatever arrives."""

import msgspec
import pytest

from monitor.prediction_log.opening import PredictionLog, migrate
from monitor.prediction_log.tables import kept_aside, predictions
from support.intake import Intake
from support.monitored import an_event


@pytest.fixture
def intake(prediction_log: PredictionLog) -> Intake:
    return Intake(prediction_log)


def test_an_event_is_a_row_with_all_it_says(intake: Intake) -> None:
    intake.events(an_event(probabilities={"spam": 0.9, "not_spam": 0.1}, key_id="k", weight=2.5))
    [row] = intake.rows(predictions)
    assert (row.predicted_label, row.confidence, row.key_id, row.weight) == ("spam", 0.9, "k", 2.5)
    assert row.features == {"words": 5.0}
    assert row.label_id is None


def test_a_regression_is_a_number_with_its_interval(intake: Intake) -> None:
    intake.events(an_event(prediction=243_100.0, probabilities=None, interval=(1.0, 2.0)))
    [row] = intake.rows(predictions)
    assert (row.predicted_label, row.predicted_number) == (None, 243_100.0)
    assert (row.interval_low, row.interval_high, row.confidence) == (1.0, 2.0, None)


def test_an_event_that_comes_again_is_counted_and_not_stored_twice(intake: Intake) -> None:
    intake.events(an_event("p-1"), an_event("p-2"))
    intake.events(an_event("p-2"), an_event("p-3"), an_event("p-3"))
    assert [row.event_id for row in intake.rows(predictions)] == ["p-1", "p-2", "p-3"]
    assert (intake.events_counted("stored"), intake.events_counted("duplicate")) == (3, 2)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (msgspec.json.encode(msgspec.to_builtins(an_event()) | {"schema": 9}), "unknown_schema"),
        (b"no json", "malformed"),
        (b"", "malformed"),
        (b'{"schema": 1, "event_id": 7}', "malformed"),
        (b"\xff\x00", "malformed"),
    ],
)
def test_what_cannot_be_read_is_kept_aside_and_counted(
    intake: Intake, body: bytes, outcome: str
) -> None:
    intake.events(an_event("p-1"), body, an_event("p-2"))
    assert len(intake.rows(predictions)) == 2
    assert len(intake.rows(kept_aside)) == 1
    assert intake.events_counted(outcome) == 1


def test_an_event_that_no_database_can_hold_does_not_stop_the_others(intake: Intake) -> None:
    intake.events(
        an_event("p-1"),
        an_event("p-2", features={"town": "\0"}),
        an_event("p-3", request_id="r" * 500),
        an_event("p-4"),
    )
    kept = {row.event_id for row in intake.rows(predictions)}
    assert {"p-1", "p-4"} <= kept
    assert len(kept) + len(intake.rows(kept_aside)) == 4


def test_inputs_are_kept_only_where_capturing_is_switched_on(prediction_log: PredictionLog) -> None:
    Intake(prediction_log, keep_inputs=False).events(an_event("p-1", inputs={"message": "hi"}))
    Intake(prediction_log, keep_inputs=True).events(an_event("p-2", inputs={"message": "hi"}))
    inputs = [row.inputs for row in Intake(prediction_log).rows(predictions)]
    assert inputs == [None, {"message": "hi"}]


def test_events_missing_between_a_publishers_numbers_are_counted_as_trimmed(intake: Intake) -> None:
    intake.events(an_event("a-3"), an_event("a-4"), an_event("b-1"))
    assert intake.trimmed() == 2  # a-1 and a-2
    intake.events(an_event("a-4"), an_event("a-8"), an_event("b-2"))
    assert intake.trimmed() == 5  # and a-5, a-6, a-7


def test_migrating_a_log_that_is_up_to_date_changes_nothing(intake: Intake) -> None:
    intake.events(an_event())
    migrate(intake.log)
    assert len(intake.rows(predictions)) == 1
