"""A batch goes in through the gateway, is computed by the worker, and comes out in order."""

import json
from typing import Any

import requests

from e2e.stack import Stack, eventually


def test_a_batch_is_answered(stack: Stack) -> None:
    instances = [{"message": "Free entry! Win a prize now"}, {"message": "See you at lunch"}] * 50
    accepted = requests.post(
        stack.url("GATEWAY", "/v1/batches"),
        json={"model": "spam", "instances": instances},
        timeout=10,
    )
    assert accepted.status_code == 202
    place = accepted.headers["Location"]

    def status() -> dict[str, Any]:
        answer: dict[str, Any] = requests.get(stack.url("GATEWAY", place), timeout=10).json()
        return answer

    done = eventually(status, lambda s: s["status"] not in ("queued", "running"), within_seconds=60)
    assert (done["status"], done["rows_total"], done["rows_done"], done["rows_failed"]) == (
        "succeeded",
        100,
        100,
        0,
    )
    lines = requests.get(stack.url("GATEWAY", f"{place}/results"), timeout=10).text.splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["index"] for row in rows] == list(range(100))
    assert {row["prediction"] for row in rows[::2]} == {
        stack.predict(instances[0]).json()["prediction"]
    }


def test_an_unknown_batch_is_not_found(stack: Stack) -> None:
    answer = requests.get(stack.url("GATEWAY", "/v1/batches/nothing"), timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")
