"""The objectives are written in one file; the rules are made from it."""

import yaml

from rules.test_rules import ALERTS, rules
from slo_rules import FOLDER, files

SPEC = yaml.safe_load((FOLDER / "slo/objectives.yml").read_text())


def test_the_rules_are_those_of_the_objectives() -> None:
    for path, text in files(SPEC).items():
        assert path.read_text() == text, "make slo-rules"


def test_another_objective_makes_other_rules() -> None:
    changed = yaml.safe_load((FOLDER / "slo/objectives.yml").read_text())
    changed["slos"][0]["objective"] = 99.5
    alerts = next(text for path, text in files(changed).items() if "alerts" in path.name)
    assert "14.4 * 0.005" in alerts
    assert "14.4 * 0.001" not in alerts


def test_the_objectives_are_those_that_are_promised() -> None:
    objectives = {slo["name"]: slo["objective"] for slo in SPEC["slos"]}
    assert objectives == {"availability": 99.9, "latency": 99}


def test_the_latency_that_is_promised_is_an_edge_of_the_buckets() -> None:
    from predictor.metrics import DURATION_BUCKETS

    assert 0.5 in DURATION_BUCKETS


def test_the_recorded_series_have_the_names_that_dashboards_for_sloth_ask_for() -> None:
    recorded = {rule["record"] for rule in rules("record")}
    windows = {"5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"}
    assert {f"slo:sli_error:ratio_rate{window}" for window in windows} <= recorded
    assert {
        "slo:objective:ratio",
        "slo:error_budget:ratio",
        "slo:time_period:days",
        "slo:current_burn_rate:ratio",
        "slo:period_burn_rate:ratio",
        "slo:period_error_budget_remaining:ratio",
        "sloth_slo_info",
    } <= recorded


def test_each_objective_pages_when_it_burns_fast_and_opens_a_ticket_when_slowly() -> None:
    for slo in SPEC["slos"]:
        name = slo["alerting"]["name"]
        assert ALERTS[f"{name}Fast"]["labels"]["severity"] == "page"
        assert ALERTS[f"{name}Slowly"]["labels"]["severity"] == "ticket"
