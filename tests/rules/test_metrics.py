"""What is written about metrics is what the code exports, and nobody asks for one that nothing exports."""

import re

import pytest

from exported_metrics import ROOT, exported, metrics_in
from metrics_page import PAGE, render
from rules.expressions import metrics_of
from rules.foreign_metrics import ALL_FOREIGN
from rules.test_dashboards import DASHBOARDS, queries
from rules.test_rules import rules

EXPORTED = {series for metric in exported() for series in metric.series}
RECORDED = {rule["record"] for rule in rules("record")}
KNOWN = EXPORTED | RECORDED | ALL_FOREIGN


def test_the_page_of_metrics_is_current() -> None:
    assert PAGE.read_text() == render(exported()), "make metrics-page"


def test_every_metric_has_a_meaning_and_a_name_of_its_process() -> None:
    for metric in exported():
        assert metric.help.endswith("."), metric.name
        assert metric.name.startswith((f"slipway_{metric.service}_", "slipway_queue_"))
        assert (metric.kind == "counter") == metric.name.endswith("_total")


@pytest.mark.parametrize("kind", ["alert", "record"])
def test_every_metric_that_a_rule_names_is_exported(kind: str) -> None:
    for rule in rules(kind):
        assert metrics_of(rule["expr"]) <= KNOWN, rule.get("alert") or rule["record"]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_metric_that_a_panel_names_is_exported(name: str) -> None:
    for query in queries(name):
        assert metrics_of(query) <= KNOWN


def test_a_metric_that_nothing_exports_is_found() -> None:
    asked = (
        'sum by (model) (rate(slipway_predictor_sighs_total{code=~"5.."}[5m])) / on (a) vector(1)'
    )
    assert metrics_of(asked) - KNOWN == {"slipway_predictor_sighs_total"}


def test_a_name_that_is_made_up_at_run_time_is_refused() -> None:
    source = 'from prometheus_client import Gauge\nGauge(prefix + "_x", "Help.")\n'
    with pytest.raises(ValueError, match="not a literal"):
        list(metrics_in(source, "predictor"))


def test_the_sources_are_read_from_the_projects_root() -> None:
    assert (ROOT / "services").is_dir()
    assert {metric.service for metric in exported()} == {"predictor", "worker", "monitor"}


def asked_by_autoscalers(manifests: str) -> set[str]:
    """Series that HPAs, KEDA or the adapter name; the adapter's own names are `as:` of a series."""
    named = set(
        re.findall(r"(?:\w+:)?slipway_(?:predictor|worker|monitor|queue)_\w+(?::\w+)?", manifests)
    )
    return named - set(re.findall(r"as: (slipway_\w+)", manifests))


def test_every_metric_that_an_autoscaler_asks_for_is_exported() -> None:
    files = sorted((ROOT / "deploy" / "k8s").glob("**/*.yaml"))
    asked = asked_by_autoscalers("\n".join(file.read_text() for file in files))
    assert asked >= {"slipway_queue_jobs", "slipway_predictor_in_flight_requests"}
    assert asked <= KNOWN


def test_an_autoscaler_that_asks_for_what_nothing_exports_is_found() -> None:
    manifest = "metric: { name: slipway_predictor_sighs }\nquery: sum(slipway_queue_jobs)\n"
    assert asked_by_autoscalers(manifest) - KNOWN == {"slipway_predictor_sighs"}
