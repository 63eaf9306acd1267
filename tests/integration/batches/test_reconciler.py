"""The reconciler over a real Redis and a store in a folder."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis

from slipway.batches import index
from slipway.batches.finding import find_finished
from slipway.core.store import Store
from slipway.queue.backlog import Backlog
from slipway.queue.batch_queue import BatchQueue
from slipway.queue.leases import Leases
from slipway.queue.reconciler import Reconciler, Round
from support.redis_server import RedisServer
from support.stored_batches import NOW, a_batch, commit, folder_store, keys


@dataclass
class Place:
    """A store, a Redis, and who looks after both. after(n): a round n seconds later."""

    store: Store
    redis: Redis
    queue: BatchQueue
    reconciler: Reconciler
    now: datetime = NOW

    def after(self, seconds: float) -> Round:
        self.now += timedelta(seconds=seconds)
        done = self.reconciler.run_once(self.now)
        assert done is not None
        return done

    def jobs(self) -> list[str]:
        return [job.decode() for job in self.redis.lrange("rq:queue:batches", 0, -1)]

    def take_jobs(self) -> None:
        """As a worker that dies at once."""
        self.redis.delete("rq:queue:batches")


@pytest.fixture
def place(redis_server: RedisServer, tmp_path: Path) -> Place:
    redis = redis_server.client()
    store = folder_store(tmp_path / "store")
    queue = BatchQueue(redis, 60)
    return Place(store, redis, queue, _reconciler(store, redis, queue))


def _reconciler(store: Store, redis: Redis, queue: BatchQueue) -> Reconciler:
    return Reconciler(store, redis, queue, max_deliveries=3, kept=timedelta(days=30))


def test_chunks_that_wait_in_the_queue_are_left_alone(place: Place) -> None:
    manifest = a_batch(place.store)
    place.queue.enqueue(manifest.batch_id, manifest.chunks)
    assert [place.after(3).put_back for _ in range(3)] == [0, 0, 0]
    assert len(place.jobs()) == 3


def test_what_a_dead_worker_had_is_put_back_in_the_second_round(place: Place) -> None:
    manifest = a_batch(place.store)
    place.queue.enqueue(manifest.batch_id, manifest.chunks)
    commit(place.store, manifest, 0)
    place.take_jobs()
    assert place.after(3).put_back == 0
    assert place.after(3).put_back == 2
    assert sorted(place.jobs()) == [f"{manifest.batch_id}-{n:08d}-2" for n in (1, 2)]
    assert place.after(3).put_back == 0


def test_a_chunk_with_a_living_worker_is_left_alone(place: Place) -> None:
    manifest = a_batch(place.store, rows_total=10)
    assert Leases(place.redis, "worker-1").take(manifest.batch_id, 0)
    assert [place.after(3).put_back for _ in range(3)] == [0, 0, 0]
    Leases(place.redis, "worker-1").release(manifest.batch_id, 0)
    assert [place.after(3).put_back for _ in range(2)] == [0, 1]


def test_an_emptied_redis_is_filled_again_from_the_store(place: Place) -> None:
    manifests = [a_batch(place.store) for _ in range(3)]
    for manifest in manifests:
        place.queue.enqueue(manifest.batch_id, manifest.chunks)
    place.after(3)
    place.redis.flushall()
    place.after(3)
    assert place.after(3).put_back == 9
    assert len(place.jobs()) == 9
    assert Backlog(place.redis).pending_rows() == 75


def test_a_complete_batch_whose_last_worker_died_is_ended_and_closed(place: Place) -> None:
    manifest = a_batch(place.store)
    commit(place.store, manifest, 0, 1, 2)
    assert place.after(3).ended == 1
    finished = find_finished(place.store, manifest.batch_id)
    assert finished is not None
    assert (finished.status, finished.rows_done) == ("succeeded", 25)
    assert not keys(place.store, f"batches/{manifest.batch_id}/input")
    assert place.after(3).open_batches == 0


def test_a_chunk_whose_worker_dies_again_and_again_is_given_up(place: Place) -> None:
    manifest = a_batch(place.store, rows_total=10)
    place.queue.enqueue(manifest.batch_id, manifest.chunks)
    given_up = 0
    for _ in range(8):
        place.take_jobs()
        given_up += place.after(3).given_up
    finished = find_finished(place.store, manifest.batch_id)
    assert given_up == 1
    assert finished is not None
    assert (finished.status, finished.error) == (
        "failed",
        "Chunk 0 was given up: its worker died 3 times.",
    )


def test_what_was_counted_wrongly_is_put_right(place: Place) -> None:
    manifest = a_batch(place.store)
    backlog = Backlog(place.redis)
    backlog.set_pending(manifest.batch_id, 999)
    backlog.set_pending("0" * 32, 777)
    commit(place.store, manifest, 0)
    place.after(3)
    assert backlog.pending() == {manifest.batch_id: 15}


def test_one_process_at_a_time_does_a_round(place: Place) -> None:
    other = _reconciler(place.store, place.redis, place.queue)
    place.redis.set("slipway:v1:batch-reconciler", "somebody else", ex=30)
    assert other.run_once(NOW) is None


def test_an_expired_batch_is_closed_and_its_rows_are_removed(place: Place) -> None:
    manifest = a_batch(place.store)
    assert place.after(8 * 86_400).expired == 1
    assert keys(place.store, f"batches/{manifest.batch_id}") == [
        f"batches/{manifest.batch_id}/manifest.json"
    ]


def test_a_batch_whose_predictor_died_after_accepting_it_is_queued_and_listed(
    place: Place,
) -> None:
    manifest = a_batch(place.store)
    for key in keys(place.store, "batch-index/owners") + keys(place.store, "batch-index/expiring"):
        place.store.delete(key)
    place.after(3)
    assert place.after(3).put_back == 3
    assert len(keys(place.store, "batch-index/owners")) == 1
    assert manifest.batch_id in keys(place.store, "batch-index/expiring")[0]


def test_an_entry_without_a_batch_is_dropped_after_a_while(place: Place) -> None:
    index.put(place.store, index.open_key("f" * 32))
    place.now = datetime.now(NOW.tzinfo)
    assert place.after(0).open_batches == 1
    place.after(7200)
    assert place.after(3).open_batches == 0
