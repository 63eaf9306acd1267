"""/metrics and /live of the process beside the request processes."""

import os
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, values
from werkzeug.test import Client

from predictor.metric_values import slot_values
from predictor.metrics_server import application
from predictor.runtime_directory import RuntimeDirectory


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RuntimeDirectory:
    directory = RuntimeDirectory(tmp_path)
    directory.make_empty()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(directory.metrics))
    monkeypatch.setattr(values, "ValueClass", slot_values(0))
    return directory


def test_a_file_that_nothing_was_written_to_yet_fails_no_scrape(
    directory: RuntimeDirectory,
) -> None:
    Counter("asked", "Requests.", registry=CollectorRegistry()).inc()
    (directory.metrics / "counter_1.db").touch()
    answer = Client(application(directory, 30.0, os.getpid())).get("/metrics")
    assert answer.status_code == 200
    assert "asked_total 1.0" in answer.text


def test_it_is_alive_from_the_first_sign_of_life_on(directory: RuntimeDirectory) -> None:
    client = Client(application(directory, 30.0, os.getpid()))
    assert client.get("/live").status_code == 503
    directory.beat(0)
    assert client.get("/live").status_code == 200
