"""A real Prometheus over a whole stack of real processes under load: nothing that we ask for is empty."""

import shutil
from collections.abc import Iterator

import pytest
import requests

from drill.faults import refused
from drill.processes import NEEDED
from drill.stack import Stack
from drill.traffic import GOOD, OTHER, SLOW, Traffic
from rules.foreign_metrics import FOREIGN
from rules.test_dashboards import DASHBOARDS, dashboard
from rules.test_rules import rules
from rules.without_comparison import without_comparison
from support.parts import absent
from support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

REFUSED = "ModelLoadRefused"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """After predictions, wrong requests, late ones, batches and labels."""
    for name, spellings in NEEDED.items():
        if not any(shutil.which(spelling) for spelling in spellings):
            absent(name, "not installed")
    running = Stack(tmp_path_factory.mktemp("stack"), "http://127.0.0.1:1/")
    running.start()
    try:
        with Traffic(running.url).running() as traffic:
            wait_until(running.ready, seconds=240, every=1, what="the stack is ready")
            traffic.failing = True
            _use(running)
            wait_until(lambda: not _missing(running), seconds=300, every=5, what="data has come")
            yield running
    finally:
        running.stop()


def _use(stack: Stack) -> None:
    def post(path: str, body: object) -> requests.Response:
        return requests.post(stack.url + path, json=body, timeout=60)

    for _ in range(3):
        rows = post("/v1/predict", {"instances": [GOOD, OTHER] * 400}).json()
        names = [row["prediction"] for row in rows["predictions"]]
        labels = [
            {"request_id": rows["request_id"], "index": index, "label": name}
            for index, name in enumerate(names)
        ]
        assert post("/v1/feedback", {"labels": labels}).status_code == 202
    for _ in range(30):
        assert post("/v1/predict", {"message": 5}).status_code == 400
    batch = {"model": "spam", "instances": SLOW["instances"]}
    assert post("/v1/batches", batch).status_code == 202


def _ask(stack: Stack, query: str) -> list[object]:
    answer = requests.get(
        f"{stack.prometheus_url}/api/v1/query", params={"query": query}, timeout=30
    ).json()
    assert answer["status"] == "success", (query, answer)
    found: list[object] = answer["data"]["result"]
    return found


def _missing(stack: Stack) -> list[str]:
    """Of what comes last: a window, labels, two samples of everything."""
    late = (
        "slipway_monitor_quality",
        "slipway_monitor_drift",
        "slipway_monitor_drift_alarm",
        "slipway_monitor_data_fault",
        "slo:period_error_budget_remaining:ratio",
        "sum(rate(slipway_worker_rows_total[5m]))",
        "sum(rate(slipway_predictor_shed_total[5m]))",
        "model:slipway_predictor_predictions:rate15m",
    )
    return [query for query in late if not _ask(stack, query)]


def test_every_recording_rule_has_data(stack: Stack) -> None:
    empty = {rule["record"] for rule in rules("record") if not _ask(stack, rule["record"])}
    assert empty == set()


def test_every_alert_has_data_without_its_comparison(stack: Stack) -> None:
    """Nor without looking back: the stack has no yesterday."""
    asked = {
        rule["alert"]: without_comparison(rule["expr"])
        .replace(" offset 1h", "")
        .replace(" offset 1d", "")
        .replace(" offset 5m", "")
        for rule in rules("alert")
        if rule["alert"] != REFUSED
    }
    assert {alert for alert, query in asked.items() if not _ask(stack, query)} == set()


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_query_of_a_dashboard_has_data(stack: Stack, name: str) -> None:
    queries = {
        (panel["title"], target["expr"].replace("$model", ".*").replace("$version", ".*"))
        for panel in dashboard(name)["panels"]
        for target in panel["targets"]
    }
    assert {title for title, query in queries if not _ask(stack, query)} == set()


@pytest.mark.parametrize("maker", FOREIGN)
def test_what_others_are_said_to_export_they_export(stack: Stack, maker: str) -> None:
    assert {name for name in FOREIGN[maker] if not _ask(stack, name)} == set()


def test_a_refused_version_is_seen(stack: Stack) -> None:
    """Last, since a promotion begins the monitor's windows anew."""
    query = next(rule["expr"] for rule in rules("alert") if rule["alert"] == REFUSED)
    with refused(stack, Traffic(stack.url)):
        wait_until(lambda: _ask(stack, query), seconds=120, every=5, what="the refusal is scraped")
