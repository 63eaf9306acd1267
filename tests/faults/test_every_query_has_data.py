"""A real Prometheus over a whole stack of real processes under load: nothing that we ask for is empty."""

import re
import shutil
import time
from collections.abc import Iterator

import pytest
import requests

from drill.faults import refused
from drill.processes import NEEDED
from drill.stack import Stack
from drill.traffic import Traffic
from rules.foreign_metrics import FOREIGN
from rules.test_dashboards import DASHBOARDS, dashboard
from rules.test_rules import rules
from rules.without_comparison import without_comparison
from support.artifacts import put, trained_people
from support.everything_used import use_everything, use_numbers
from support.parts import absent
from support.people import people_recipe
from support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

REFUSED = "ModelLoadRefused"
DATA_SECONDS = 300


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """After predictions, of numbers as well, wrong requests, late ones, batches and labels."""
    for name, spellings in NEEDED.items():
        if not any(shutil.which(spelling) for spelling in spellings):
            absent(name, "not installed")
    running = Stack(tmp_path_factory.mktemp("stack"), "http://127.0.0.1:1/")
    made = trained_people(tmp_path_factory.mktemp("people"), people_recipe("rent", folds=3))
    put(running.folder / "store" / "models", made)
    running.start()
    try:
        with Traffic(running.url).running() as traffic:
            wait_until(running.ready, seconds=240, every=1, what="the stack is ready")
            traffic.failing = True
            use_everything(running.url)
            use_numbers(running.url, made.manifest.name)
            # Windows close, labels mature, rules of a minute are evaluated; the tests say what is missing.
            deadline = time.monotonic() + DATA_SECONDS
            while time.monotonic() < deadline and _empty(running, RECORDED | ALARMING | DRAWN):
                time.sleep(5)
            yield running
    finally:
        running.stop()


def _ask(stack: Stack, query: str) -> list[object]:
    answer = requests.get(
        f"{stack.prometheus_url}/api/v1/query", params={"query": query}, timeout=30
    ).json()
    assert answer["status"] == "success", (query, answer)
    found: list[object] = answer["data"]["result"]
    return found


def _empty(stack: Stack, queries: dict[str, str]) -> set[str]:
    """The names of those that have no data."""
    return {name for name, query in queries.items() if not _ask(stack, query)}


RECORDED = {rule["record"]: rule["record"] for rule in rules("record")}
# Without looking back: the stack has no yesterday.
ALARMING = {
    rule["alert"]: re.sub(r" offset \d+[mhd]", "", without_comparison(rule["expr"]))
    for rule in rules("alert")
    if rule["alert"] != REFUSED
}
DRAWN = {
    f"{name}: {panel['title']} {target['refId']}": target["expr"]
    .replace("$model", ".*")
    .replace("$version", ".*")
    for name in DASHBOARDS
    for panel in dashboard(name)["panels"]
    for target in panel["targets"]
}


def test_every_recording_rule_has_data(stack: Stack) -> None:
    assert _empty(stack, RECORDED) == set()


def test_every_alert_has_data_without_its_comparison(stack: Stack) -> None:
    assert _empty(stack, ALARMING) == set()


def test_every_query_of_every_dashboard_has_data(stack: Stack) -> None:
    assert _empty(stack, DRAWN) == set()


@pytest.mark.parametrize("maker", FOREIGN)
def test_what_others_are_said_to_export_they_export(stack: Stack, maker: str) -> None:
    assert {name for name in FOREIGN[maker] if not _ask(stack, name)} == set()


def test_a_refused_version_is_seen(stack: Stack) -> None:
    """Last, since a promotion begins the monitor's windows anew."""
    query = next(rule["expr"] for rule in rules("alert") if rule["alert"] == REFUSED)
    with refused(stack, Traffic(stack.url)):
        wait_until(lambda: _ask(stack, query), seconds=120, every=5, what="the refusal is scraped")
