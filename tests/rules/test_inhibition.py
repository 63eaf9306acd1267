"""A real Alertmanager mutes what only follows from something worse."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import yaml

from rules.test_rules import ALERTS
from rules.tools import ROOT
from support.parts import absent
from support.processes import RunningProcess
from support.waiting import free_port, wait_until

Muted = Callable[..., set[str]]


@pytest.fixture(scope="module")
def muted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Muted]:
    """Posts firing alerts; which of them are muted by another one."""
    program = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
    if program is None:
        absent("alertmanager", "not installed")
    folder, url = tmp_path_factory.mktemp("alertmanager"), f"http://127.0.0.1:{free_port()}"
    process = RunningProcess(
        [
            *(str(program), f"--config.file={ROOT}/deploy/prometheus/alertmanager.yml"),
            *(f"--web.listen-address={url.removeprefix('http://')}", "--cluster.listen-address="),
            f"--storage.path={folder}",
        ],
        folder / "alertmanager.log",
    )
    wait_until(lambda: _ready(url), seconds=60, what="Alertmanager answers")

    def ask(*alerts: dict[str, str]) -> set[str]:
        case = str(hash(json.dumps(alerts)))
        began = "2020-01-01T00:00:00Z"
        body: list[dict[str, object]] = [
            {"labels": alert | {"case": case}, "startsAt": began} for alert in alerts
        ]
        requests.post(f"{url}/api/v2/alerts", json=body, timeout=30).raise_for_status()

        def processed() -> list[dict[str, object]]:
            found = requests.get(
                f"{url}/api/v2/alerts", params={"filter": f'case="{case}"'}, timeout=30
            ).json()
            ready = len(found) == len(alerts) and all(
                alert["status"]["state"] != "unprocessed" for alert in found
            )
            return found if ready else []

        found = wait_until(processed, seconds=90, every=0.5, what="the alerts are grouped")
        over = [alert | {"endsAt": "2020-01-01T00:00:01Z"} for alert in body]
        requests.post(f"{url}/api/v2/alerts", json=over, timeout=30).raise_for_status()
        return {a["labels"]["alertname"] for a in found if a["status"]["inhibitedBy"]}  # type: ignore[index]

    yield ask
    process.stop()


def _ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/-/ready", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


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
