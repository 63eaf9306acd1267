"""What happens around a batch while it waits or runs: promotions, cancelling, asking how far it is."""

from datetime import UTC, datetime
from pathlib import Path

import requests

from slipway.core.shared_settings import StoreSettings
from slipway.core.store import open_store
from slipway.model.promotion import promoted
from slipway.model.registry import Registry, version_directory
from slipway.model.transfer import publish
from support.batch_stack import BatchStack
from support.batches import ended, results, status, submit, submit_ndjson
from support.many_rows import distinct_messages, ndjson
from support.predictor_process import MODELS, RunningPredictor
from support.versions import retuned
from support.waiting import wait_until

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ROW = {"message": "Congratulations! You have won a free iPhone."}


def promote(stack: BatchStack, version: str, shift: float) -> None:
    """Publishes a version that answers differently, and makes it the champion."""
    registry = Registry(open_store(StoreSettings(store_url=stack.store.as_uri())))
    shipped = sorted(path.name for path in (MODELS / "spam" / "versions").iterdir())[-1]
    source = version_directory(Path(MODELS), "spam", shipped)
    publish(registry, retuned(source, stack.folder / "scratch", version, shift))
    alias = promoted(registry.newest("spam"), version, who="test", now=NOW, why="test")
    registry.put("spam", alias)


def serving(predictor: RunningPredictor) -> str:
    return str(predictor.post("/v1/predict", ROW).json()["model_version"])


def test_the_version_is_the_one_that_served_when_the_batch_was_accepted(stack: BatchStack) -> None:
    predictor = stack.start_predictor(follow_seconds="0.2")
    promote(stack, "7.0.0", shift=0.5)
    wait_until(lambda: serving(predictor) == "7.0.0", what="the first version serves")
    alone = predictor.post("/v1/predict", ROW).json()["confidence"]
    batch_id = submit(predictor, [ROW])
    promote(stack, "8.0.0", shift=-4.0)
    wait_until(lambda: serving(predictor) == "8.0.0", what="the second version serves")
    stack.start_worker()
    assert ended(predictor, batch_id)["model_version"] == "7.0.0"
    assert abs(results(predictor, batch_id)[0]["confidence"] - alone) < 1e-6
    assert abs(predictor.post("/v1/predict", ROW).json()["confidence"] - alone) > 1e-3


def test_a_running_batch_tells_how_it_gets_on_and_is_cancelled_between_two_chunks(
    stack: BatchStack,
) -> None:
    predictor = stack.start_predictor(batch_chunk_rows="20")
    worker = stack.start_worker()
    messages = distinct_messages(50, characters=2_000)
    batch_id = submit_ndjson(predictor, ndjson(messages, 20_000))["id"]
    wait_until(lambda: status(predictor, batch_id)["rows_done"], what="it has begun")
    found = status(predictor, batch_id)
    assert found["rows_per_second"] > 0
    assert found["started_at"] < found["estimated_finish_at"] < found["expires_at"]
    answer = requests.delete(f"{predictor.url}/v1/batches/{batch_id}", timeout=30)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    wait_until(
        lambda: 'slipway_queue_jobs{queue="batches",state="queued"} 0.0' in worker.metrics(),
        seconds=60,
        what="the worker has passed over the chunks that were left",
    )
    committed = len(list((stack.store / "batches" / batch_id / "results").iterdir()))
    assert committed < 1_000 - 1
    assert status(predictor, batch_id)["status"] == "cancelled"
