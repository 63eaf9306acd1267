"""kill -9 in the middle of a training: the record goes on, and the training begins anew."""

import sys
import time
from pathlib import Path

import pytest

from monitor.prediction_log.opening import migrate, open_log
from monitor.retraining.record import retrainings_of
from slipway.model.gate_reports import read_report
from slipway.queue.training_queue import TRAINING
from support.messages import small_recipe
from support.redis_server import RedisServer
from support.retraining import labelled_traffic, store_with_champion
from support.retraining_loop import Loop
from support.waiting import wait_until
from support.worker_process import RunningWorker

# Some ten seconds of training, and where in them the worker is killed.
LONG = small_recipe(training={"epochs": 400, "learning_rate": 0.05})
KILLED_AFTER_SECONDS = 2.0
# RQ takes a job for running a minute after its worker's last sign of life; half a minute later the
# monitor takes it for lost.
DELIVERED_AGAIN_SECONDS = 240.0


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_killed_training_begins_anew_and_its_record_goes_on(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    registry = store_with_champion(tmp_path)
    log = open_log(f"sqlite:///{tmp_path / 'log.db'}")
    migrate(log)
    labelled_traffic(log, start=time.time() - 1000)
    loop = Loop(log, registry, redis_server)
    settings = {
        "SLIPWAY_REDIS_URL": redis_server.url,
        "SLIPWAY_STORE_URL": registry.store.url,
        "SLIPWAY_MODEL_CACHE": str(tmp_path / "cache"),
        "SLIPWAY_QUEUE": TRAINING,
    }
    worker = RunningWorker(tmp_path / "worker-1", settings).wait_until_live()
    retraining_id = loop.begin(LONG)
    loop.look()
    redis = redis_server.client()
    wait_until(lambda: redis.zcard("rq:wip:training") == 1, what="the training has begun")
    begun = time.monotonic()
    wait_until(lambda: time.monotonic() - begun > KILLED_AFTER_SECONDS)
    assert registry.version_names("spam") == ["1.0.0"]
    worker.process.kill()
    killed = time.monotonic()

    again = RunningWorker(tmp_path / "worker-2", settings).wait_until_live()
    try:

        def judged() -> bool:
            loop.look()
            return loop.record(retraining_id).state not in ("training", "gate")

        wait_until(judged, seconds=DELIVERED_AGAIN_SECONDS, every=1.0)
    finally:
        again.stop()
    sys.stdout.write(
        f"judged {time.monotonic() - killed:.0f} s after the kill: {loop.states(retraining_id)}"
    )
    report = read_report(registry, "spam", "1.1.0")
    assert report is not None and report.outcome == "passed", report
    assert loop.states(retraining_id)[-1] == "shadow"
    made = registry.version("spam", "1.1.0").manifest
    assert made.made_by == f"retraining {retraining_id}"
    with log.reading() as connection:
        assert [one.retraining_id for one in retrainings_of(connection, "spam")] == [retraining_id]
    log.close()
