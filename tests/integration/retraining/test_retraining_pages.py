"""The pages and the JSON of retrainings: proposals, refusals, steps and what the gate said."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from monitor.app import create_app
from monitor.metrics import MonitorMetrics
from monitor.models import Models
from monitor.parts import Parts
from monitor.prediction_log.opening import PredictionLog
from monitor.retraining.record import Retraining, begin, move
from slipway.core.settings import MonitorSettings
from slipway.model.gate_reports import Check, GateReport, put_report
from slipway.model.registry import Registry
from support.retraining import labelled_traffic


@pytest.fixture
def client(log: PredictionLog, registry: Registry, tmp_path: Path) -> Iterator[FlaskClient]:
    settings = MonitorSettings(
        auth="off",
        data_dir=tmp_path,
        store_url=(tmp_path / "store").as_uri(),
        redis_url="redis://127.0.0.1:1/0",
        retrain_min_labels=200,
    )
    labelled_traffic(log, start=time.time() - 1000)
    parts = Parts(settings, MonitorMetrics(CollectorRegistry()), log, Models(registry))
    yield create_app(parts).test_client()


def waiting(log: PredictionLog, registry: Registry) -> None:
    """A retraining that has come as far as a person's decision."""
    now = time.time()
    record = Retraining(
        retraining_id="r-1",
        model="spam",
        champion="1.0.0",
        version="1.1.0",
        kind="quality",
        reason="Accuracy 0.8 of 200 labelled rows, 0.98 in training.",
        state="training",
        outcome=None,
        started=now - 100,
        changed=now - 100,
        step=1,
        applied=True,
        generation=1,
        since=now - 100,
        until=None,
        dataset="d" * 64,
        must_gain=True,
        notes={},
    )
    checks = [
        Check("holdout", True, "accuracy 1 on 100 rows."),
        Check("size", False, "<too large>"),
    ]
    report = GateReport(
        "r-1", "spam", "1.0.0", "1.1.0", "d" * 64, "passed", "well.", "2026-11-26", checks
    )
    put_report(registry, report)
    with log.writing() as connection:
        begin(connection, record, {"value": 0.8})
        after = record._replace(state="waiting", step=2, changed=now, since=now, until=now + 60)
        move(connection, after, "A person decides.", {"challenger": {"p95": 0.0041}})


def test_a_model_that_was_never_trained_again_says_so(client: FlaskClient) -> None:
    page = client.get("/models/spam/retrainings").text
    assert "never trained again" in page and "slipway retrain spam --dry-run" in page


def test_a_dry_run_says_what_would_be_made(client: FlaskClient) -> None:
    found = client.get("/v1/models/spam/retraining-proposal").get_json()
    assert found["champion"] == "1.0.0" and found["version"] == "1.1.0" and found["live"] == 400
    assert found["rows"] == {"training": 600, "holdout": 80, "newest": 120}
    assert found["trigger"] is None and "refused" not in found


def test_a_dry_run_says_why_not(client: FlaskClient, log: PredictionLog) -> None:
    labelled_traffic(log, 300, start=time.time() - 400, seed=9, keys=("mallory",), poison="mallory")
    found = client.get("/v1/models/spam/retraining-proposal").get_json()
    assert found["code"] == "suspect_key" and "Labels of key mallory" in found["refused"]


def test_a_retraining_shows_its_steps_its_numbers_and_its_gate(
    client: FlaskClient, log: PredictionLog, registry: Registry
) -> None:
    waiting(log, registry)
    page = client.get("/retrainings/r-1").text
    assert "slipway models promote spam 1.1.0" in page
    assert "A person decides." in page and "challenger p95" in page and "0.0041" in page
    assert "&lt;too large&gt;" in page and "not passed" in page
    found = client.get("/v1/retrainings/r-1").get_json()
    assert [step["state"] for step in found["steps"]] == ["training", "waiting"]
    assert found["gate"]["checks"][0]["name"] == "holdout"


def test_the_overview_names_the_open_one(
    client: FlaskClient, log: PredictionLog, registry: Registry
) -> None:
    waiting(log, registry)
    assert "1.1.0 waits for a person" in client.get("/").text
    listed = client.get("/v1/models/spam/retrainings").get_json()["retrainings"]
    assert [one["id"] for one in listed] == ["r-1"]


def test_a_retraining_that_nobody_knows_is_not_found(client: FlaskClient) -> None:
    assert client.get("/retrainings/nothing").status_code == 404
    assert client.get("/v1/models/nothing/retrainings").status_code == 404
