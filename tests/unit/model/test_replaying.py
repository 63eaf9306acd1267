"""Logged requests asked of another version."""

from itertools import count
from typing import Any

import pytest

from slipway.model.replaying import LoggedRow, Replay, Report
from slipway.model.runtime import Model
from support.fake_model import TABLE, fake_model


def a_row(request_id: str = "r-1", **different: Any) -> LoggedRow:
    values: dict[str, Any] = {
        "request_id": request_id,
        "index": 0,
        "time": 1_795_000_000.0,
        "version": "1.0.0",
        "prediction": "spam",
        "confidence": 0.9,
        "compute_seconds": 0.004,
        "inputs": {"message": "win"},
    }
    return LoggedRow(**(values | different))


def replayed(model: Model, *rows: LoggedRow) -> Report:
    ticks = count()
    replay = Replay(model, clock=lambda: float(next(ticks)))
    list(replay.ask(rows))
    return replay.report()


def test_what_is_answered_otherwise_is_counted_and_named() -> None:
    rows = (
        a_row("r-1"),
        a_row("r-2", prediction="not_spam", confidence=0.7),
        a_row("r-3", prediction="not_spam", inputs={"message": "hello"}),
    )
    report = replayed(fake_model(version="2.0.0"), *rows)
    assert (report.rows, report.requests, report.changed) == (3, 3, 1)
    assert set(report.classes) == {
        ("spam", "spam", 1),
        ("not_spam", "spam", 1),
        ("not_spam", "not_spam", 1),
    }
    [changed] = report.named
    assert (changed.request_id, changed.before, changed.now) == ("r-2", "not_spam", "spam")
    assert (changed.before_confidence, changed.now_confidence) == (0.7, pytest.approx(0.9))


def test_the_rows_of_one_request_are_asked_together_as_they_were() -> None:
    model = fake_model(version="2.0.0")
    report = replayed(model, *(a_row("r-1", index=index) for index in range(5)), a_row("r-2"))
    assert (report.rows, report.requests) == (6, 2)
    assert model.family.forwards == 2  # type: ignore[attr-defined]
    assert (report.now.median, report.before.median) == (1.0, 0.004)


def test_what_does_not_fit_the_signature_is_left_out_and_counted() -> None:
    rows = (a_row("r-1"), a_row("r-2", inputs={"text": "hello"}))
    report = replayed(fake_model(version="2.0.0"), *rows)
    assert (report.rows, report.refused) == (1, 1)


def test_of_numbers_the_differences_are_told() -> None:
    row = {"age": 41, "hours": None, "work": "public", "town": "winchester"}
    rows = (
        a_row("r-1", prediction=90.0, confidence=None, inputs=row),
        a_row("r-2", prediction=60.0, confidence=None, inputs=row),
    )
    report = replayed(fake_model("houses", "2.0.0", TABLE), *rows)
    assert report.classes == []
    assert report.mean_difference == pytest.approx(15.0, abs=1e-4)
    assert report.largest_difference == pytest.approx(30.0, abs=1e-4)
    assert report.changed == 1  # 90 is 90 as far as a float goes


def test_of_nothing_nothing_is_said() -> None:
    report = replayed(fake_model(version="2.0.0"))
    assert (report.rows, report.changed_ratio, report.now.median) == (0, 0.0, None)
