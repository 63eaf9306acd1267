"""What a client does with batches, in a few words."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import requests

from slipway.model.prediction import Prediction
from support.predictor_process import RunningPredictor
from support.waiting import wait_until

ENDED = ("succeeded", "failed", "cancelled", "expired")


def submit(predictor: RunningPredictor, instances: list[dict[str, Any]], **options: Any) -> str:
    """The batch's id."""
    answer = predictor.post("/v1/batches", {"model": "spam", "instances": instances}, **options)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def status(predictor: RunningPredictor, batch_id: str) -> dict[str, Any]:
    answer = predictor.get(f"/v1/batches/{batch_id}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def ended(predictor: RunningPredictor, batch_id: str, seconds: float = 60) -> dict[str, Any]:
    """The status once the batch has ended."""

    def look() -> dict[str, Any] | None:
        found = status(predictor, batch_id)
        return found if found["status"] in ENDED else None

    found = wait_until(look, seconds=seconds, every=0.1, what=f"batch {batch_id} has ended")
    assert found is not None
    return found


def results(predictor: RunningPredictor, batch_id: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{predictor.url}/v1/batches/{batch_id}/results", timeout=60)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def submit_ndjson(
    predictor: RunningPredictor, body: Iterator[bytes], **headers: str
) -> dict[str, Any]:
    """The accepted batch's status; the body is sent as it is made."""
    answer = requests.post(
        f"{predictor.url}/v1/batches?model=spam",
        data=body,
        headers={"Content-Type": "application/x-ndjson", **headers},
        timeout=600,
    )
    assert answer.status_code == 202, answer.text
    accepted: dict[str, Any] = answer.json()
    return accepted


def count_wrong(
    predictor: RunningPredictor, batch_id: str, right: Sequence[Prediction]
) -> tuple[int, int]:
    """(rows, wrong rows): out of place, missing, or another answer than `right` in turn (1e-6)."""
    rows = wrong = 0
    url = f"{predictor.url}/v1/batches/{batch_id}/results"
    with requests.get(url, timeout=60, stream=True) as answer:
        assert answer.status_code == 200, answer.text
        for line in answer.iter_lines(chunk_size=1 << 16):
            found, expected = json.loads(line), right[rows % len(right)]
            wrong += (
                found["index"] != rows
                or found.get("prediction") != expected.prediction
                or abs(found["confidence"] - (expected.confidence or 0.0)) > 1e-6
            )
            rows += 1
    return rows, wrong
