"""Workers that are killed lose nothing and double nothing."""

import random
import signal
import time
from datetime import datetime

import pytest

from support.batch_stack import BatchStack
from support.batches import count_wrong, ended, status, submit, submit_ndjson
from support.many_rows import distinct_messages, ndjson, right_answers
from support.predictor_process import RunningPredictor
from support.waiting import wait_until

ROWS = 100_000
# A tenth tells how long the whole takes undisturbed.
CALM_ROWS = 10_000
KILLS = 50


def seconds(state: dict[str, str]) -> float:
    finished, started = (datetime.fromisoformat(state[f"{n}_at"]) for n in ("finished", "started"))
    return (finished - started).total_seconds()


def running(predictor: RunningPredictor, batch_id: str) -> bool:
    return status(predictor, batch_id)["status"] in ("queued", "running")


@pytest.mark.timeout(3600)
def test_fifty_kills_over_two_workers_lose_and_double_no_row(
    stack: BatchStack,
) -> None:
    # Chunks that are much shorter than a worker's life between two kills; and at home with others'
    # programs, workers that leave them everything would never be done.
    predictor = stack.start_predictor(batch_chunk_rows="100")
    stack.start_monitor()
    pair = [stack.start_worker(niceness="0"), stack.start_worker(niceness="0")]
    messages = distinct_messages(200, characters=9_000)
    right = right_answers(messages)

    calm = submit_ndjson(predictor, ndjson(messages, CALM_ROWS))["id"]
    undisturbed = seconds(ended(predictor, calm, seconds=1500)) * ROWS / CALM_ROWS
    assert count_wrong(predictor, calm, right) == (CALM_ROWS, 0)

    batch_id = submit_ndjson(predictor, ndjson(messages, ROWS))["id"]
    wait_until(lambda: status(predictor, batch_id)["status"] == "running", seconds=60)
    kills, generator = 0, random.Random(7)
    while kills < KILLS and running(predictor, batch_id):
        victim = generator.randrange(2)
        pair[1 - victim].wait_until_live()
        pair[victim].wait_until_live()
        time.sleep(generator.uniform(0, 1))  # at a random moment of its work
        pair[victim].process.kill()
        kills += 1
        pair[victim] = stack.start_worker(wait=False, niceness="0")
    done = ended(predictor, batch_id, seconds=1500)

    disturbed = seconds(done)
    print(f"{kills} kills: {disturbed:.0f} s, undisturbed {undisturbed:.0f} s")  # noqa: T201
    assert kills == KILLS, "the batch was done before it was disturbed enough"
    assert (done["status"], done["rows_failed"], done["error"]) == ("succeeded", 0, None)
    assert count_wrong(predictor, batch_id, right) == (ROWS, 0)
    assert disturbed < undisturbed + KILLS * 20


@pytest.mark.timeout(600)
def test_when_the_only_worker_is_killed_another_resumes_within_30_seconds(
    stack: BatchStack,
) -> None:
    predictor = stack.start_predictor(batch_chunk_rows="500")
    stack.start_monitor()
    first = stack.start_worker()
    messages = distinct_messages(100, characters=3_000)
    batch_id = submit_ndjson(predictor, ndjson(messages, 5_000))["id"]
    wait_until(lambda: status(predictor, batch_id)["rows_done"] > 0, seconds=120, every=0.02)
    second = stack.start_worker()
    wait_until(lambda: stack.chunks_in_hand(first), seconds=60, every=0.02)
    held = stack.chunks_in_hand(first)
    first.process.kill()
    killed_at = time.monotonic()
    folder = stack.store / "batches" / batch_id / "results"
    wait_until(
        lambda: all((folder / f"{chunk:08d}.ndjson").exists() for chunk in held),
        seconds=150,
        what=f"the chunks that the killed worker held: {second.process.output[-2000:]}",
    )
    resumed = time.monotonic() - killed_at
    print(f"the killed worker's chunk was there after {resumed:.1f} s")  # noqa: T201
    done = ended(predictor, batch_id, seconds=300)
    assert (done["status"], done["error"]) == ("succeeded", None)
    assert count_wrong(predictor, batch_id, right_answers(messages)) == (5_000, 0)
    assert resumed < 5 * 30


@pytest.mark.timeout(600)
def test_a_worker_told_to_stop_hands_a_long_chunk_back_within_its_grace_period(
    stack: BatchStack,
) -> None:
    grace_seconds = 5
    predictor = stack.start_predictor(batch_chunk_rows="4000", batch_chunk_bytes="99000000")
    first = stack.start_worker(graceful_timeout_seconds=str(grace_seconds))
    ended(predictor, submit(predictor, [{"message": "the model is loaded now"}]))
    messages = distinct_messages(100, characters=9_000)
    batch_id = submit_ndjson(predictor, ndjson(messages, 4_000))["id"]
    wait_until(lambda: stack.chunks_in_hand(first), seconds=120, every=0.01)
    asked_at = time.monotonic()
    first.process.send(signal.SIGTERM)
    assert first.process.wait(5 * grace_seconds) == 0
    print(f"gone after {time.monotonic() - asked_at:.1f} s")  # noqa: T201
    assert '"outcome":"abandoned"' in first.process.output
    stack.start_worker()
    assert ended(predictor, batch_id, seconds=500)["status"] == "succeeded"
    assert count_wrong(predictor, batch_id, right_answers(messages)) == (4_000, 0)
