"""The dashboards load from files as they are, and speak of rules and alerts that exist."""

import json
import re
from functools import cache
from typing import Any

import pytest
import yaml

from dashboards.__main__ import files
from rules.expressions import metrics_of
from rules.test_rules import ALERTS, rules
from rules.tools import ROOT

GRAFANA = ROOT / "grafana"
DASHBOARDS = {path.stem: path for path in sorted((GRAFANA / "dashboards").glob("*.json"))}
RECORDED = {rule["record"]: rule["expr"] for rule in rules("record")}


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
    assert asked <= RECORDED.keys()
    told = set(re.findall(r"where (\w+) fires", DASHBOARDS[name].read_text()))
    assert told <= ALERTS.keys()


@pytest.mark.parametrize(
    ("name", "title", "alert"),
    [
        ("overview", "Errors", "PredictionErrorRateHigh"),
        ("overview", "Failing predictions", "PredictionErrorRateHigh"),
        ("overview", "Latency", "PredictionLatencyHigh"),
        ("overview", "Latency, p95", "PredictionLatencyHigh"),
        ("overview", "Memory", "MemorySaturated"),
        ("overview", "Disk", "DiskSaturated"),
        ("predictor", "Mean latency, per minute", "PredictionLatencyHigh"),
        ("predictor", "Latency p95, per hour", "PredictionLatencyHigh"),
        ("predictor", "Refused as wrong", "ClientErrorsRising"),
        ("predictor", "Metric files", "MetricsDirectorySaturated"),
        ("batches", "Oldest job", "QueueTooOld"),
        ("quality", "Entries not in the log yet", "MonitorLagging"),
        ("quality", "Rounds that failed", "MonitorRoundsFailing"),
        ("rollout", "Server errors by version", "PredictionErrorRateHigh"),
        ("rollout", "Latency p95 by version", "PredictionLatencyHigh"),
    ],
)
def test_a_panel_turns_red_where_the_alert_fires(name: str, title: str, alert: str) -> None:
    panel = next(panel for panel in dashboard(name)["panels"] if panel["title"] == title)
    limit = panel["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"]
    said = re.findall(r"> ([0-9.]+)", ALERTS[alert]["expr"])
    assert limit in map(float, said)


def test_the_files_are_those_that_the_descriptions_make() -> None:
    made = files()
    assert made.keys() == {f"{name}.json" for name in DASHBOARDS}
    for name, text in made.items():
        assert (GRAFANA / "dashboards" / name).read_text() == text, "make dashboards"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_lie_beside_each_other_and_are_of_kinds_that_grafana_has(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard(name)["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
        assert panel["type"] in {"stat", "timeseries", "table"}
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references) > 0
        assert all(target["datasource"] == panel["datasource"] for target in panel["targets"])


@cache
def measured(expression: str) -> set[str]:
    """The metrics behind an expression, through the rules that record them."""
    found: set[str] = set()
    for name in metrics_of(expression):
        found |= measured(RECORDED[name]) if name in RECORDED else {_family(name)}
    return found


def _family(series: str) -> str:
    return re.sub("_(bucket|sum|count)$", "", series)


@pytest.mark.parametrize("alert", [name for name in ALERTS if name != "Watchdog"])
def test_the_dashboard_that_an_alert_links_to_shows_what_the_alert_watches(alert: str) -> None:
    linked = ALERTS[alert]["annotations"]["dashboard"].removeprefix("/d/slipway-").partition("?")[0]
    shown = [measured(query) for query in queries(linked)]
    assert measured(ALERTS[alert]["expr"]) & set().union(*shown)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_panel_that_names_an_alert_links_to_its_runbook(name: str) -> None:
    for panel in dashboard(name)["panels"]:
        named = [alert for alert in ALERTS if alert in panel["description"]]
        assert [link["title"] for link in panel["links"]] == named


@pytest.mark.parametrize("name", DASHBOARDS)
def test_it_has_variables_marks_and_links_to_the_runbooks(name: str) -> None:
    model = dashboard(name)
    assert {"model", "version"} <= {variable["name"] for variable in model["templating"]["list"]}
    marks = {mark["name"] for mark in model["annotations"]["list"]}
    assert marks == {"Alerts", "Deployments", "Releases"}
    linked = {link["title"] for link in model["links"]} - {"Slipway"}
    assert linked
    assert linked <= ALERTS.keys()


def test_the_first_row_of_the_overview_says_whether_all_is_well() -> None:
    first = [panel for panel in dashboard("overview")["panels"] if panel["gridPos"]["y"] == 0]
    assert {panel["type"] for panel in first} == {"stat"}
    assert [panel["title"] for panel in first][:3] == [
        "Alerts firing",
        "Failing predictions",
        "Latency, p95",
    ]


def test_every_dashboard_is_a_config_map_of_its_own() -> None:
    listed = yaml.safe_load((GRAFANA / "kustomization.yaml").read_text())["configMapGenerator"]
    maps = {one["name"]: one["files"] for one in listed if "dashboard-" in one["name"]}
    assert maps == {f"grafana-dashboard-{name}": [f"dashboards/{name}.json"] for name in DASHBOARDS}
