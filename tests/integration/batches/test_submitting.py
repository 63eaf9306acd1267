"""What may be sent, and what is answered at once."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from support.batch_stack import BatchStack
from support.batches import ended, results, status, submit
from support.predictor_process import RunningPredictor
from support.worker_process import RunningWorker

MESSAGES = [f"message {n}, with a comma" for n in range(25)]
ROWS = [{"message": message} for message in MESSAGES]
NDJSON = "".join(json.dumps(row) + "\n" for row in ROWS)
CSV = "message\n" + "".join(f'"{message}"\n' for message in MESSAGES)


def send(
    predictor: RunningPredictor, body: Any, kind: str, query: str = "?model=spam", **headers: str
) -> requests.Response:
    return requests.post(
        f"{predictor.url}/v1/batches{query}",
        data=body,
        headers={"Content-Type": kind, **headers},
        timeout=60,
    )


def test_the_same_rows_in_every_format_have_the_same_results(
    predictor: RunningPredictor, worker: RunningWorker
) -> None:
    ids = [
        submit(predictor, ROWS),
        send(predictor, NDJSON, "application/x-ndjson").json()["id"],
        send(predictor, CSV, "text/csv").json()["id"],
        send(
            predictor, gzip.compress(CSV.encode()), "text/csv", **{"Content-Encoding": "gzip"}
        ).json()["id"],
        send(
            predictor, iter([NDJSON[:99].encode(), NDJSON[99:].encode()]), "application/x-ndjson"
        ).json()["id"],
    ]
    found = []
    for batch_id in ids:
        assert ended(predictor, batch_id)["status"] == "succeeded"
        found.append(results(predictor, batch_id))
    assert len(found[0]) == 25
    assert all(rows == found[0] for rows in found)


@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson", "text/csv"])
def test_the_described_example_is_taken(predictor: RunningPredictor, kind: str) -> None:
    described = predictor.get("/openapi.json").json()["paths"]["/v1/batches"]["post"]
    example = described["requestBody"]["content"][kind]["example"]
    body = example if isinstance(example, str) else json.dumps(example)
    accepted = send(predictor, body, kind, query="")
    assert (accepted.status_code, accepted.json()["rows_total"]) == (202, 1)


def test_a_line_that_is_no_json_is_a_bad_row(
    predictor: RunningPredictor, worker: RunningWorker
) -> None:
    body = '{"message": "one"}\n{"message": \n{"message": "three"}\n'
    batch_id = send(predictor, body, "application/x-ndjson").json()["id"]
    assert ended(predictor, batch_id)["rows_failed"] == 1
    assert results(predictor, batch_id)[1]["error"]["error"] == "InvalidJSON"


@pytest.mark.parametrize(
    ("body", "kind", "query", "code", "error"),
    [
        (b"", "application/x-ndjson", "?model=spam", 400, "InvalidInput"),
        (b"\n\n", "application/x-ndjson", "?model=spam", 400, "InvalidInput"),
        (b"message\n", "text/csv", "?model=spam", 400, "InvalidInput"),
        (b"shoe\n7\n", "text/csv", "?model=spam", 400, "InvalidInput"),
        (NDJSON, "application/x-ndjson", "?model=nothing", 404, "ModelNotFound"),
        (NDJSON, "application/x-ndjson", "?model=spam&version=9.9.9", 404, "ModelNotFound"),
        (NDJSON, "application/pdf", "?model=spam", 415, "UnsupportedMediaType"),
        (b"{", "application/json", "", 400, "InvalidJSON"),
        (b'{"instances": []}', "application/json", "", 400, "InvalidInput"),
        (b'{"instances": [{}], "shoe": 7}', "application/json", "", 400, "InvalidInput"),
        (b'{"instances": [{}], "model": 7}', "application/json", "", 400, "InvalidInput"),
        (b"[]", "application/json", "", 400, "InvalidInput"),
    ],
)
def test_what_cannot_become_a_batch_is_refused(
    predictor: RunningPredictor, body: bytes, kind: str, query: str, code: int, error: str
) -> None:
    answer = send(predictor, body, kind, query)
    assert (answer.status_code, answer.json()["error"]) == (code, error)


def test_the_same_idempotency_key_is_the_same_batch(predictor: RunningPredictor) -> None:
    key = {"Idempotency-Key": "monday"}
    first = send(predictor, NDJSON, "application/x-ndjson", **key)
    again = send(predictor, NDJSON, "application/x-ndjson", **key)
    other = send(predictor, CSV, "text/csv", **key)
    assert first.json()["id"] == again.json()["id"]
    assert first.headers["Location"] == again.headers["Location"]
    assert (other.status_code, other.json()["error"]) == (409, "Conflict")


def test_a_key_that_is_no_key_is_refused(predictor: RunningPredictor) -> None:
    answer = send(predictor, NDJSON, "application/x-ndjson", **{"Idempotency-Key": "x" * 256})
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidInput")


def test_threads_that_race_with_one_key_make_one_batch(predictor: RunningPredictor) -> None:
    def race(_: int) -> str:
        answer = send(predictor, NDJSON, "application/x-ndjson", **{"Idempotency-Key": "a-race"})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(race, range(16)))) == 1


def test_batches_are_listed_newest_first_page_by_page(stack: BatchStack) -> None:
    predictor = stack.start_predictor()
    ids = [submit(predictor, ROWS[:1]) for _ in range(5)]
    first = predictor.get("/v1/batches?limit=3").json()
    rest = predictor.get(f"/v1/batches?limit=3&after={first['next']}").json()
    assert [batch["id"] for batch in first["batches"] + rest["batches"]] == ids[::-1]
    assert rest["next"] is None
    for query in ("?limit=0", "?limit=x", "?after=nothing"):
        assert predictor.get(f"/v1/batches{query}").status_code == 400
    assert predictor.get(f"/v1/batches?after={'0' * 32}").status_code == 404


def test_a_cancelled_batch_is_not_worked(
    predictor: RunningPredictor, shared_stack: BatchStack
) -> None:
    batch_id = submit(predictor, ROWS)
    answer = requests.delete(f"{predictor.url}/v1/batches/{batch_id}", timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert status(predictor, batch_id)["status"] == "cancelled"
    assert predictor.get(f"/v1/batches/{batch_id}/results").status_code == 409


def test_a_batch_that_has_ended_cannot_be_cancelled(
    predictor: RunningPredictor, worker: RunningWorker
) -> None:
    batch_id = submit(predictor, ROWS)
    ended(predictor, batch_id)
    answer = requests.delete(f"{predictor.url}/v1/batches/{batch_id}", timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")


def test_more_than_may_wait_is_refused_with_a_time_to_come_again(stack: BatchStack) -> None:
    predictor = stack.start_predictor(batch_max_pending_rows="30")
    submit(predictor, ROWS)
    answer = predictor.post("/v1/batches", {"model": "spam", "instances": ROWS})
    assert (answer.status_code, answer.json()["error"]) == (429, "QueueFull")
    assert int(answer.headers["Retry-After"]) >= 1
    submit(predictor, ROWS[:5])
    stack.start_worker()
    for batch in predictor.get("/v1/batches").json()["batches"]:
        ended(predictor, batch["id"])
    submit(predictor, ROWS)


def test_a_batch_beyond_the_limits_is_too_large(stack: BatchStack) -> None:
    predictor = stack.start_predictor(batch_max_rows="20", batch_max_body_bytes="5000")
    rows = send(predictor, NDJSON, "application/x-ndjson")
    body = send(predictor, "x" * 6000, "text/csv")
    assert [(a.status_code, a.json()["error"]) for a in (rows, body)] == [(413, "TooLarge")] * 2
    assert not list(stack.store.glob("batches/*/input/*/*"))


def test_without_redis_or_a_store_batches_are_unavailable_and_predictions_are_not(
    stack: BatchStack,
) -> None:
    predictor = stack.start_predictor()
    stack.redis.kill()
    answer = predictor.post("/v1/batches", {"model": "spam", "instances": ROWS})
    assert (answer.status_code, answer.json()["error"]) == (503, "Unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert predictor.post("/v1/predict", ROWS[0]).status_code == 200
    assert predictor.get("/ready").status_code == 200
