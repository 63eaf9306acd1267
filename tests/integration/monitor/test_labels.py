"""Labels that come late, twice, early, for unknown ids, with an unknown class, from another key."""

import msgspec
import pytest

from monitor.prediction_log.opening import PredictionLog
from monitor.prediction_log.tables import kept_aside, labels, predictions
from support.intake import Intake
from support.monitored import a_label, an_event


@pytest.fixture
def intake(prediction_log: PredictionLog) -> Intake:
    return Intake(prediction_log)


def truths(intake: Intake) -> list[str | float | None]:
    return [
        row.true_label if row.true_label is not None else row.true_number
        for row in intake.rows(predictions)
    ]


def test_a_late_label_joins_its_prediction(intake: Intake) -> None:
    intake.events(an_event(index=0), an_event("p-2", index=1))
    intake.labels(a_label(index=1, label="not_spam", time=1_795_900_000.0))
    assert truths(intake) == [None, "not_spam"]
    assert intake.rows(predictions)[1].label_time == 1_795_900_000.0
    assert intake.labels_counted("joined") == 1


def test_an_early_label_waits_for_its_prediction(intake: Intake) -> None:
    intake.labels(a_label())
    assert intake.labels_counted("early") == 1
    intake.events(an_event())
    assert truths(intake) == ["spam"]
    assert intake.labels_counted("joined") == 1


def test_of_two_labels_the_later_one_wins(intake: Intake) -> None:
    intake.events(an_event())
    intake.labels(a_label("one", label="spam", time=10.0))
    intake.labels(a_label("two", label="not_spam", time=20.0))
    intake.labels(a_label("three", label="spam", time=15.0))
    assert truths(intake) == ["not_spam"]
    found = [intake.labels_counted(outcome) for outcome in ("joined", "replaced", "older")]
    assert found == [1, 1, 1]


def test_of_two_early_labels_the_later_one_wins(intake: Intake) -> None:
    intake.labels(a_label("one", label="not_spam", time=20.0), a_label("two", time=10.0))
    intake.events(an_event())
    assert truths(intake) == ["not_spam"]


def test_of_two_labels_of_one_moment_the_one_read_later_wins(intake: Intake) -> None:
    intake.events(an_event())
    intake.labels(a_label("one", time=5.0), a_label("two", label="not_spam", time=5.0))
    assert truths(intake) == ["not_spam"]


def test_a_label_that_is_delivered_twice_counts_once(intake: Intake) -> None:
    intake.events(an_event())
    intake.labels(a_label(), a_label())
    intake.labels(a_label())
    assert len(intake.rows(labels)) == 1
    assert intake.labels_counted("joined") == 1
    assert intake.labels_counted("duplicate") == 2


def test_a_label_for_an_unknown_id_is_kept_and_counted(intake: Intake) -> None:
    intake.events(an_event())
    intake.labels(a_label(request_id="nobody's"), a_label("two", index=7))
    assert truths(intake) == [None]
    assert len(intake.rows(labels)) == 2
    assert intake.labels_counted("early") == 2


@pytest.mark.parametrize("label", ["ham", "SPAM", 1.0, ""])
def test_a_class_that_the_model_does_not_know_joins_nothing(
    intake: Intake, label: str | float
) -> None:
    intake.events(an_event())
    intake.labels(a_label(label=label))
    assert truths(intake) == [None]
    assert intake.labels_counted("unknown_class") == 1


def test_a_class_that_looks_like_a_number_may_come_as_one(intake: Intake) -> None:
    intake.events(an_event(prediction="1", probabilities={"0": 0.2, "1": 0.8}))
    intake.labels(a_label(label=0))
    assert truths(intake) == ["0"]


def test_a_regression_takes_numbers_and_no_words(intake: Intake) -> None:
    intake.events(an_event(prediction=10.0, probabilities=None))
    intake.labels(a_label("one", label="ten"))
    assert truths(intake) == [None]
    intake.labels(a_label("two", label=12.5))
    assert truths(intake) == [12.5]


@pytest.mark.parametrize(
    ("label_key", "admin", "joins"),
    [("a", False, True), ("b", False, False), (None, False, False), ("b", True, True)],
)
def test_a_label_joins_predictions_of_its_own_key_only_unless_it_is_the_admins(
    intake: Intake, label_key: str | None, admin: bool, joins: bool
) -> None:
    intake.events(an_event(key_id="a"))
    intake.labels(a_label(key_id=label_key, admin=admin))
    assert truths(intake) == (["spam"] if joins else [None])
    assert intake.labels_counted("joined" if joins else "other_key") == 1


def test_an_early_label_from_another_key_joins_nothing_either(intake: Intake) -> None:
    intake.labels(a_label(key_id="b"))
    intake.events(an_event(key_id="a"))
    assert truths(intake) == [None]
    assert intake.labels_counted("other_key") == 1


def test_another_keys_label_does_not_displace_the_owners(intake: Intake) -> None:
    intake.events(an_event(key_id="a"))
    intake.labels(a_label("one", key_id="a", time=1.0))
    intake.labels(a_label("two", key_id="b", label="not_spam", time=2.0))
    assert truths(intake) == ["spam"]


def test_a_label_joins_the_champions_and_the_shadows_prediction(intake: Intake) -> None:
    intake.events(an_event("p-1"))
    intake.labels(a_label())
    intake.events(an_event("p-2", role="shadow", version="2.0.0"))
    assert truths(intake) == ["spam", "spam"]


@pytest.mark.parametrize("schema", [0, 2])
def test_a_label_of_another_release_is_kept_aside(intake: Intake, schema: int) -> None:
    intake.labels(msgspec.json.encode(msgspec.to_builtins(a_label()) | {"schema": schema}))
    assert len(intake.rows(kept_aside)) == 1
    assert intake.labels_counted("unknown_schema") == 1


def test_the_input_beside_a_label_is_kept_only_where_capturing_is_switched_on(
    prediction_log: PredictionLog,
) -> None:
    Intake(prediction_log).labels(a_label("one", instance={"message": "hi"}))
    Intake(prediction_log, keep_inputs=True).labels(a_label("two", instance={"message": "hi"}))
    kept = [row.instance for row in Intake(prediction_log).rows(labels)]
    assert kept == [None, {"message": "hi"}]
