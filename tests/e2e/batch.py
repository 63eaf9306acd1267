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


def finished(stack: Stack, place: str, within_seconds: float = 60) -> dict[str, Any]:
    """Its status, once that changes no more."""

    def status() -> dict[str, Any]:
        """While Redis or the store are away: what that answer says of the status, nothing."""
        answer = requests.get(stack.url("GATEWAY", place), timeout=10)
        found: dict[str, Any] = (
            {"status": "running"} if answer.status_code == 503 else answer.json()
        )
        return found

    return eventually(status, lambda s: s["status"] not in ("queued", "running"), within_seconds)


def results(stack: Stack, place: str) -> list[dict[str, Any]]:
    lines = requests.get(stack.url("GATEWAY", f"{place}/results"), timeout=10).text.splitlines()
    return [json.loads(line) for line in lines]
