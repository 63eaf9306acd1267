"""A store with a champion, a log, and the worker's runner over them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from monitor.prediction_log.opening import PredictionLog, migrate, open_log
from slipway.model.cache import ModelCache
from slipway.model.registry import Registry
from support.retraining import store_with_champion
from worker.metrics import WorkerMetrics
from worker.pulse import Pulse
from worker.stopping import Stopping
from worker.training import TrainingRunner


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return store_with_champion(tmp_path)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[PredictionLog]:
    found = open_log(f"sqlite:///{tmp_path / 'log.db'}")
    migrate(found)
    yield found
    found.close()


@pytest.fixture
def runner(tmp_path: Path, registry: Registry) -> TrainingRunner:
    return TrainingRunner(
        registry=registry,
        cache=ModelCache(registry, tmp_path / "cache"),
        metrics=WorkerMetrics(CollectorRegistry()),
        stopping=Stopping(10),
        pulse=Pulse(60),
    )
