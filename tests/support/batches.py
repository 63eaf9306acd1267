"""What a client does with batches, in a few words."""

import json
from typing import Any

import requests

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
