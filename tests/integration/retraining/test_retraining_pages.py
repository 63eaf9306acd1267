"""The pages and the JSON of retrainings: proposals, refusals, steps and what the gate said."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from typer.testing import CliRunner

from monitor.app import create_app
from monitor.metrics import MonitorMetrics
from monitor.models import Models
from monitor.parts import Parts
from monitor.prediction_log.opening import PredictionLog
from slipway.cli.main import typer_app
from slipway.core.errors import NotFound
from slipway.core.settings import MonitorSettings
from slipway.model.registry import Registry
from support.retraining import labelled_traffic
from support.retraining_records import put_retraining


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
    put_retraining(
        log, registry, [("waiting", None, "A person decides.", {"challenger": {"p95": 0.0041}})]
    )


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


def test_without_a_champion_in_the_store_the_refusal_names_the_command_that_makes_one(
    client: FlaskClient, registry: Registry
) -> None:
    for entry in registry.store.list("models/spam/aliases"):
        registry.store.delete(entry.key)
    found = client.get("/v1/models/spam/retraining-proposal").get_json()
    assert found["code"] == "no_champion"
    command = "slipway train recipes/spam.toml --version 1.0.1 --promote"
    assert found["refused"].endswith(command)
    with pytest.raises(NotFound, match=command):
        CliRunner().invoke(
            typer_app,
            ["retrain", "spam", "--models", registry.store.url],
            catch_exceptions=False,
        )


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


def test_the_open_one_is_told_of_although_another_was_refused_since(
    client: FlaskClient, log: PredictionLog, registry: Registry
) -> None:
    waiting(log, registry)
    why = "One retraining of this model is open already."
    put_retraining(
        log, registry, retraining_id="r-2", version="1.2.0", began=time.time(), refused=why
    )
    assert "1.1.0 waits for a person" in client.get("/").text
    assert "1.1.0 waits for a person" in client.get("/models/spam/retrainings").text


def test_a_retraining_that_nobody_knows_is_not_found(client: FlaskClient) -> None:
    assert client.get("/retrainings/nothing").status_code == 404
    assert client.get("/v1/models/nothing/retrainings").status_code == 404
