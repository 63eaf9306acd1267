"""A predictor and workers over one Redis and one store in a folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.predictor_process import RunningPredictor
from support.redis_server import RedisServer
from support.worker_process import RunningWorker

Settings = dict[str, str]


@pytest.fixture
def shared_settings(redis_server: RedisServer, tmp_path: Path) -> Settings:
    """What predictor and worker have in common."""
    store = tmp_path / "store"
    store.mkdir()
    return {"redis_url": redis_server.url, "store_url": store.as_uri()}


@pytest.fixture
def batch_predictor(
    start_predictor: Callable[..., RunningPredictor], shared_settings: Settings
) -> RunningPredictor:
    """Cuts chunks of ten rows, so that small batches have several."""
    return start_predictor(**shared_settings, auth="off", workers="1", batch_chunk_rows="10")


@pytest.fixture
def start_worker(
    tmp_path: Path, shared_settings: Settings
) -> Iterator[Callable[..., RunningWorker]]:
    """Starts workers with given settings and stops them after the test."""
    started: list[RunningWorker] = []

    def start(**settings: str) -> RunningWorker:
        named = {f"SLIPWAY_{k.upper()}": v for k, v in (shared_settings | settings).items()}
        started.append(RunningWorker(tmp_path / f"worker-{len(started)}", named))
        return started[-1].wait_until_live()

    yield start
    for worker in started:
        worker.stop()
