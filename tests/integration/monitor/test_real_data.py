"""On real data: no false alarm where nothing changed, an alarm within two windows where the world did."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from monitor.drift.alarm import alarming
from monitor.drift.comparing import compare
from monitor.drift.data_quality import check
from monitor.drift.reference import Reference
from slipway.model.families.text_summary import summary
from support.references import Value, columns, reference_of

Rows = list[dict[str, Value]]
WINDOW, RUNS = 1_000, 100


def messages(data: Path) -> Rows:
    lines = (data / "sms_spam/SMSSpamCollection").read_text("utf-8").split("\n")
    return [dict(summary(line.partition("\t")[2])) for line in lines if line]


def film_reviews(data: Path) -> Rows:
    files = [data / "movie_polarity" / f"rt-polarity.{kind}" for kind in ("pos", "neg")]
    return [dict(summary(line)) for file in files for line in file.read_text("utf-8").split("\n")]


def table(path: Path, leave_out: set[str]) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        found = csv.DictReader(file)
        return [{k: value_of(v) for k, v in row.items() if k not in leave_out} for row in found]


def value_of(cell: str) -> Value:
    try:
        return float(cell)
    except ValueError:
        return cell or None


def houses(data: Path) -> Rows:
    return table(data / "california_housing/housing.csv", {"median_house_value"})


def rentals(data: Path) -> Rows:
    file = data / "bike_sharing/hour.csv"
    return table(file, {"instant", "dteday", "yr", "casual", "registered", "cnt"})


def over(reference: Reference, rows: Rows) -> set[str]:
    """The features that one window finds over their thresholds."""
    found = compare(reference, columns(rows), np.ones(len(rows)))
    return {name for name, drift in found.items() if drift.state == "over"}


def alarms_within(reference: Reference, windows: list[Rows]) -> set[str]:
    found = [over(reference, rows) for rows in windows]
    names = set().union(*found)
    return {n for n in names if alarming(["over" if n in window else "ok" for window in found])}


@pytest.mark.parametrize("read", [messages, houses, rentals])
def test_rows_from_the_same_source_raise_at_most_one_alarm_in_a_hundred_runs(
    data_folder: Path, read: Callable[[Path], Rows]
) -> None:
    rows = read(data_folder)
    alarms = faults = 0
    for run in range(RUNS):
        generator = np.random.default_rng(run)
        held_back = generator.permutation(len(rows))[: len(rows) // 5]
        half = len(held_back) // 2
        reference = reference_of([rows[place] for place in held_back[:half]])
        windows = [
            [rows[place] for place in generator.choice(held_back[half:], WINDOW)] for _ in range(2)
        ]
        alarms += bool(alarms_within(reference, windows))
        checks = check(reference, columns(windows[0]), np.ones(WINDOW))
        faults += any(one.fault for found in checks.values() for one in found.values())
    assert alarms <= 1
    assert faults <= 1


def test_inland_houses_are_noticed_within_two_windows(data_folder: Path) -> None:
    rows = houses(data_folder)
    generator = np.random.default_rng(1)
    order = generator.permutation(len(rows))
    reference = reference_of([rows[place] for place in order[: len(rows) * 4 // 5]])
    inland = [
        rows[p] for p in order[len(rows) * 4 // 5 :] if rows[p]["ocean_proximity"] == "INLAND"
    ]
    windows = [[inland[p] for p in generator.choice(len(inland), WINDOW)] for _ in range(2)]
    found = alarms_within(reference, windows)
    assert found >= {"ocean_proximity", "longitude", "latitude", "median_income"}


def test_the_rentals_of_another_winter_are_noticed_within_two_windows(data_folder: Path) -> None:
    rows = rentals(data_folder)
    first_of_2012 = 8_645  # rows are in time order
    reference = reference_of(rows[:first_of_2012])
    windows = [rows[first_of_2012 + i * WINDOW :][:WINDOW] for i in range(2)]
    assert alarms_within(reference, windows) >= {"season", "mnth", "temp", "atemp"}


def test_film_reviews_are_no_short_messages_within_two_windows(data_folder: Path) -> None:
    reference = reference_of(messages(data_folder))
    reviews = film_reviews(data_folder)
    generator = np.random.default_rng(1)
    windows = [[reviews[p] for p in generator.choice(len(reviews), WINDOW)] for _ in range(2)]
    found = alarms_within(reference, windows)
    assert found >= {"characters", "words", "capital_share", "digit_share"}
