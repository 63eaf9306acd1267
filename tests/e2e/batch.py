"""A batch as a client sees it."""

import json
from typing import Any

import requests

from e2e.stack import Stack, eventually


def accept(stack: Stack, instances: list[dict[str, Any]]) -> str:
    """Where the batch is to be found."""
    body = {"model": "spam", "instances": instances}
    accepted = requests.post(stack.url("GATEWAY", "/v1/batches"), json=body, timeout=10)
    assert accepted.status_code == 202, accepted.text
    return accepted.headers["Location"]


def finished(stack: Stack, place: str) -> dict[str, Any]:
    """Its status, once that changes no more."""

    def status() -> dict[str, Any]:
        answer: dict[str, Any] = requests.get(stack.url("GATEWAY", place), timeout=10).json()
        return answer

    return eventually(status, lambda s: s["status"] not in ("queued", "running"), within_seconds=60)


def results(stack: Stack, place: str) -> list[dict[str, Any]]:
    lines = requests.get(stack.url("GATEWAY", f"{place}/results"), timeout=10).text.splitlines()
    return [json.loads(line) for line in lines]
