"""The drill's table covers every alert that fires soon, and promises what the rules promise."""

import tomllib
from typing import Any

import pytest

from drill.faults import FAULTS
from rules.test_rules import ALERTS, PROMETHEUS

TABLE: list[dict[str, Any]] = tomllib.loads((PROMETHEUS / "drill.toml").read_text())["fault"]
SECONDS = {"s": 1, "m": 60, "h": 3600}


def waits_seconds(alert: str) -> int:
    said = ALERTS[alert].get("for", "0s")
    return int(said[:-1]) * SECONDS[said[-1]]


def test_every_alert_that_waits_at_most_five_minutes_is_drilled() -> None:
    soon = {name for name in ALERTS if waits_seconds(name) <= 300} - {"Watchdog"}
    drilled = {name for row in TABLE for name in (*row["fires"], *row.get("afterwards", {}))}
    assert drilled == soon


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row["name"]))
def test_an_alert_is_given_its_wait_and_not_much_more(row: dict[str, Any]) -> None:
    for alert, within in row["fires"].items():
        # Scraping, evaluating and a five-minute window that fills.
        assert waits_seconds(alert) + 30 <= within <= waits_seconds(alert) + 400
    assert {*row["consequences"], *row.get("outlast", [])} <= ALERTS.keys()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row["name"]))
def test_what_may_outlast_a_drill_waits_for_longer_than_is_drilled(row: dict[str, Any]) -> None:
    assert all(waits_seconds(alert) > 300 for alert in row.get("outlast", []))


def test_every_fault_of_the_table_can_be_injected() -> None:
    assert [row["name"] for row in TABLE] == list(FAULTS)
