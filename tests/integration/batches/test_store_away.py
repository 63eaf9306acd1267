"""A store that goes away in the middle: the chunk waits, and nothing half done is left."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from rq import Retry

from slipway.batches.finding import committed_chunks, find_finished
from slipway.core.contracts.jobs import RUN_CHUNK, SCHEMA, ChunkJob
from slipway.core.errors import NotFound
from slipway.core.store import Store
from slipway.queue.backlog import Backlog
from slipway.queue.batch_queue import BatchQueue
from slipway.queue.leases import Leases
from slipway.queue.progress import ProgressBook
from support.fake_model import fake_model
from support.redis_server import RedisServer
from support.stored_batches import a_batch, folder_store
from worker.allowed_jobs import Function
from worker.chunks import ChunkRunner
from worker.forward_size import ForwardSize
from worker.heartbeat import Heartbeat
from worker.jobs import batch_jobs
from worker.metrics import WorkerMetrics
from worker.pulse import Pulse
from worker.stopping import Stopping
from worker.tally import Tally
from worker.warm_models import Warm


class OneModel:
    """Stays loaded, whatever is asked for."""

    def __init__(self) -> None:
        self.warm = Warm(fake_model(), ForwardSize(64))

    def get(self, name: str, version: str, digest: str) -> Warm:
        return self.warm


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path) -> Store:
    return folder_store(folder)


@pytest.fixture
def run_chunk(store: Store, redis_server: RedisServer) -> Function:
    redis = redis_server.client()
    metrics = WorkerMetrics(CollectorRegistry())
    runner = ChunkRunner(
        store=store,
        models=OneModel(),  # type: ignore[arg-type]
        metrics=metrics,
        heartbeat=Heartbeat(Leases(redis, "a worker"), BatchQueue(redis), lambda: None),
        tally=Tally(store, Backlog(redis), ProgressBook(redis)),
        stopping=Stopping(25),
        pulse=Pulse(300),
    )
    return batch_jobs(runner, metrics)[RUN_CHUNK]


def test_chunks_wait_for_a_store_that_is_away_and_go_on_when_it_is_back(
    run_chunk: Function, store: Store, folder: Path
) -> None:
    batch_id = a_batch(store).batch_id
    jobs = [ChunkJob(SCHEMA, batch_id, chunk, 1).payload() for chunk in range(3)]
    assert run_chunk(jobs[0]) is None
    away = folder.rename(folder.with_name("away"))
    assert isinstance(run_chunk(jobs[1]), Retry)
    away.rename(folder)
    assert committed_chunks(store, batch_id) == {0}
    assert [run_chunk(job) for job in jobs] == [None, None, None]
    finished = find_finished(store, batch_id)
    assert finished is not None
    assert (finished.status, finished.rows_done) == ("succeeded", 25)


def test_a_chunk_is_committed_and_its_batch_ended_while_redis_is_away(
    run_chunk: Function, store: Store, redis_server: RedisServer
) -> None:
    manifest = a_batch(store, rows_total=10)
    redis_server.kill()
    assert run_chunk(ChunkJob(SCHEMA, manifest.batch_id, 0, 1).payload()) is None
    finished = find_finished(store, manifest.batch_id)
    assert finished is not None
    assert finished.status == "succeeded"


def test_a_job_of_a_batch_that_is_gone_does_nothing(run_chunk: Function, store: Store) -> None:
    assert run_chunk(ChunkJob(SCHEMA, "0" * 32, 0, 1).payload()) is None
    with pytest.raises(NotFound):
        store.read(f"batches/{'0' * 32}/finished.json")
