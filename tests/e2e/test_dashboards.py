"""Every panel and every recorded series has data in a stack that is used."""

import threading
from collections.abc import Iterator

import pytest

from e2e.stack import Stack, eventually
from rules.test_dashboards import DASHBOARDS, queries
from rules.test_rules import rules
from support.everything_used import use_everything

pytestmark = pytest.mark.slow

VARIABLES = {"$model": ".*", "$version": ".*"}
# These come to be with the first thing that goes wrong.
ONLY_AFTER_A_FAULT = ("slipway_predictor_events_dropped_total",)
# The stack has no regression; tests/faults/test_every_query_has_data.py has one.
ONLY_OF_NUMBERS = ("slipway_monitor_regression_estimate",)
# Windows close and rules of a minute are evaluated; the first query that asks waits for them.
DATA_WITHIN_SECONDS = 180


@pytest.fixture(scope="module")
def used(stack: Stack) -> Iterator[Stack]:
    """A stack that answers about five predictions a second, and was asked for everything before."""
    use_everything(stack.url("GATEWAY", ""))
    stop = threading.Event()

    def predict_again_and_again() -> None:
        while not stop.wait(0.2):
            stack.predict({"message": "hello"})

    thread = threading.Thread(target=predict_again_and_again)
    thread.start()
    yield stack
    stop.set()
    thread.join(timeout=30)


def asked(name: str) -> list[str]:
    """The queries of a dashboard, for all models and versions."""
    left_out = (*ONLY_AFTER_A_FAULT, *ONLY_OF_NUMBERS)
    found = [query for query in queries(name) if not any(n in query for n in left_out)]
    for variable, value in VARIABLES.items():
        found = [query.replace(variable, value) for query in found]
    return found


@pytest.mark.parametrize("query", [query for name in DASHBOARDS for query in asked(name)])
def test_a_panel_has_data(used: Stack, query: str) -> None:
    eventually(lambda: used.samples(query), bool, within_seconds=DATA_WITHIN_SECONDS)


@pytest.mark.parametrize("name", [rule["record"] for rule in rules("record")])
def test_a_recorded_series_has_data(used: Stack, name: str) -> None:
    eventually(lambda: used.samples(name), bool, within_seconds=DATA_WITHIN_SECONDS)
