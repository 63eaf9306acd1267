"""The rules are valid, each alert is tested by promtool, and each has what an engineer needs at night."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules.tools import ROOT, run_tool

PROMETHEUS = ROOT / "deploy" / "prometheus"
HERE = Path(__file__).parent


def rules(kind: str) -> Iterator[dict[str, Any]]:
    for file in sorted((PROMETHEUS / "rules").glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            yield from (rule for rule in group["rules"] if kind in rule)


ALERTS = {rule["alert"]: rule for rule in rules("alert")}


@pytest.mark.parametrize("file", sorted(p.name for p in HERE.glob("*.test.yml")))
def test_promtool_passes(promtool: list[str], file: str) -> None:
    status, said = run_tool(promtool, "test", "rules", f"tests/rules/{file}")
    assert status == 0, said


def test_promtool_fails_when_a_rule_does_not_do_what_its_test_says(promtool: list[str]) -> None:
    status, said = run_tool(promtool, "test", "rules", "tests/rules/wrong.yml")
    assert status != 0
    assert "Watchdog" in said


def test_the_configuration_and_the_rules_are_valid(promtool: list[str]) -> None:
    status, said = run_tool(
        promtool,
        "check",
        "config",
        "--lint=all",
        "--lint-fatal",
        "deploy/prometheus/prometheus.yml",
    )
    assert status == 0, said


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_tested_firing_silent_and_without_traffic(alert: str) -> None:
    tests = yaml.safe_load((HERE / f"{alert}.test.yml").read_text())["tests"]
    asked = [
        case for test in tests for case in test["alert_rule_test"] if case["alertname"] == alert
    ]
    assert any(case.get("exp_alerts") for case in asked)
    if alert != "Watchdog":
        assert any("exp_alerts" not in case for case in asked)
        assert any("no traffic" in test["name"] for test in tests)


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_how_bad_it_is_what_happened_and_what_to_do(alert: str) -> None:
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in {"page", "ticket", "none"}
    assert {"summary", "description", "runbook_url", "dashboard"} <= rule["annotations"].keys()


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_has_a_runbook_with_the_four_parts(alert: str) -> None:
    assert ALERTS[alert]["annotations"]["runbook_url"].endswith(f"docs/runbooks/{alert}.md")
    text = (ROOT / "docs" / "runbooks" / f"{alert}.md").read_text()
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "What it means",
        "What users feel",
        "The first three commands",
        "The fix",
    ]


def test_recording_rules_are_named_by_level_metric_and_operations() -> None:
    names = [rule["record"] for rule in rules("record") if rule["record"] != "sloth_slo_info"]
    assert names
    assert all(re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z0-9_]+", name) for name in names)


@pytest.mark.parametrize(
    "alert", [a for a in ALERTS if "ratio_rate" in ALERTS[a]["expr"] or "p95" in ALERTS[a]["expr"]]
)
def test_a_share_or_a_quantile_counts_only_with_enough_traffic(alert: str) -> None:
    guard = r"and( on \(\w+\))? [\w:]+(requests|predictions|sli_total):rate\w+(\{[^}]*\})? > 0\.\d+"
    assert re.search(guard, ALERTS[alert]["expr"])


@pytest.mark.parametrize("alert", ALERTS)
def test_a_runbook_gives_three_commands(alert: str) -> None:
    text = (ROOT / "docs" / "runbooks" / f"{alert}.md").read_text()
    commands = text.partition("## The first three commands")[2].partition("## The fix")[0]
    assert len(re.findall(r"^    \S", commands, re.MULTILINE)) == 3


def test_every_runbook_is_of_an_alert() -> None:
    assert {path.stem for path in (ROOT / "docs" / "runbooks").glob("*.md")} == ALERTS.keys()


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_links_to_a_dashboard_that_is_there(alert: str) -> None:
    uid = ALERTS[alert]["annotations"]["dashboard"].removeprefix("/d/").partition("?")[0]
    assert (ROOT / "grafana" / "dashboards" / f"{uid.removeprefix('slipway-')}.json").is_file()
