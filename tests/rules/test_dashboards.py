"""The dashboards load from files as they are, and speak of rules and alerts that exist."""

import json
import re
from typing import Any

import pytest
import yaml

from rules.test_rules import ALERTS, rules
from rules.tools import ROOT

GRAFANA = ROOT / "grafana"
DASHBOARDS = {path.stem: path for path in sorted((GRAFANA / "dashboards").glob("*.json"))}
RECORDED = {rule["record"] for rule in rules("record")}


def dashboard(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DASHBOARDS[name].read_text())
    return loaded


def queries(name: str) -> list[str]:
    return [target["expr"] for panel in dashboard(name)["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_it_needs_nothing_but_its_file(name: str) -> None:
    text = DASHBOARDS[name].read_text()
    assert "__inputs" not in text
    assert "${DS_" not in text
    assert len(text.encode()) < 200 * 1024
    assert dashboard(name)["uid"] == f"slipway-{name}"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_query_asks_the_provisioned_source(name: str) -> None:
    provisioned = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yaml").read_text())
    known = {source["uid"] for source in provisioned["datasources"]}
    assert set(re.findall(r'"uid": "(prometheus[^"]*)"', DASHBOARDS[name].read_text())) == known


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_panel_says_what_it_shows_and_in_which_unit(name: str) -> None:
    panels = dashboard(name)["panels"]
    assert all(
        panel["description"] and panel["fieldConfig"]["defaults"]["unit"] for panel in panels
    )
    assert len({panel["id"] for panel in panels}) == len(panels)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_recorded_series_and_alerts_that_it_names_exist(name: str) -> None:
    asked = {
        found
        for query in queries(name)
        for found in re.findall(r"[a-z_]+:[a-z_]+:[a-z0-9_]+", query)
    }
    assert asked <= RECORDED
    told = set(re.findall(r"where (\w+) fires", DASHBOARDS[name].read_text()))
    assert told <= ALERTS.keys()


def test_the_lines_in_the_overview_are_where_the_alerts_fire() -> None:
    limits = {
        panel["title"]: panel["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"]
        for panel in dashboard("overview")["panels"]
        if "thresholds" in panel["fieldConfig"]["defaults"]
    }
    for title, alert in (
        ("Errors", "PredictionErrorRateHigh"),
        ("Latency", "PredictionLatencyHigh"),
    ):
        said = re.search(r"> ([0-9.]+)", ALERTS[alert]["expr"])
        assert said
        assert limits[title] == float(said[1])
