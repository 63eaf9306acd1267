"""A real Alertmanager mutes what only follows from something worse."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules.test_rules import ALERTS
from rules.tools import ROOT
from support.alertmanager import RunningAlertmanager
from support.waiting import wait_until

Muted = Callable[..., set[str]]


@pytest.fixture(scope="module")
def muted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Muted]:
    """Posts firing alerts; which of them are muted by another one."""
    configuration = ROOT / "deploy/prometheus/alertmanager.yml"
    alertmanager = RunningAlertmanager(tmp_path_factory.mktemp("alertmanager"), configuration)

    def ask(*alerts: dict[str, str]) -> set[str]:
        case = str(hash(json.dumps(alerts)))
        began = "2020-01-01T00:00:00Z"
        body = [{"labels": alert | {"case": case}, "startsAt": began} for alert in alerts]
        alertmanager.tell(*body)

        def processed() -> list[dict[str, Any]]:
            found = alertmanager.alerts(f'case="{case}"')
            ready = len(found) == len(alerts) and all(
                alert["status"]["state"] != "unprocessed" for alert in found
            )
            return found if ready else []

        found = wait_until(processed, seconds=90, every=0.5, what="the alerts are grouped")
        alertmanager.tell(*(alert | {"endsAt": "2020-01-01T00:00:01Z"} for alert in body))
        return {a["labels"]["alertname"] for a in found if a["status"]["inhibitedBy"]}

    yield ask
    alertmanager.stop()


def firing(name: str, **labels: str) -> dict[str, str]:
    assert name in ALERTS
    return {"alertname": name, **labels}


def test_a_dead_predictor_mutes_its_latency_its_errors_and_its_health_check(muted: Muted) -> None:
    assert muted(
        firing("PredictorDown"),
        firing("PredictionLatencyHigh", model="spam"),
        firing("PredictionErrorRateHigh", model="houses"),
        firing("AvailabilityBudgetBurnsFast"),
        firing("HealthCheckFailing", target="a"),
        firing("WorkerDown"),
    ) == {
        "PredictionLatencyHigh",
        "PredictionErrorRateHigh",
        "AvailabilityBudgetBurnsFast",
        "HealthCheckFailing",
    }


def test_errors_mute_the_latency_of_the_same_model_alone(muted: Muted) -> None:
    errors = firing("PredictionErrorRateHigh", model="spam2")
    assert muted(errors, firing("PredictionLatencyHigh", model="spam2")) == {
        "PredictionLatencyHigh"
    }


def test_every_alert_that_a_rule_of_inhibition_names_exists() -> None:
    config = yaml.safe_load(Path(ROOT / "deploy/prometheus/alertmanager.yml").read_text())
    for rule in config["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            pattern = matcher.split('"')[1]
            assert any(re.fullmatch(pattern, name) for name in ALERTS), pattern
