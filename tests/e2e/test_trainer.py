"""The trainer's container carries out a retraining: from labels over the queue to a judged version."""

import json
import random
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from e2e.conftest import HEALTHY_WITHIN_SECONDS
from e2e.stack import Stack, engine_runs, eventually
from support.messages import message, small_recipe
from support.parts import absent
from support.retraining import parcel, store_with_champion

ROWS = 600


@pytest.fixture
def own_stack(tmp_path: Any) -> Iterator[Stack]:
    """Gateway, predictors, trainer, monitor and Redis, whose spam model nobody else is asked for."""
    if not engine_runs():
        absent("docker", "no docker engine runs")
    stack = Stack(f"slipway-e2e-{uuid.uuid4().hex[:6]}")
    stack.environment |= {"CAPTURE_INPUTS": "true"}
    stack.compose("build", "--quiet", "predictor", "worker", "monitor", timeout_seconds=1800)
    try:
        wait = ("--wait", "--wait-timeout", str(HEALTHY_WITHIN_SECONDS))
        parts = ("gateway", "trainer", "monitor")
        stack.compose("up", "--detach", "--no-build", *wait, *parts)
        yield stack
    finally:
        stack.down()


def labelled_requests(stack: Stack) -> None:
    """A third of what is asked is spam that the champion never saw; each label brings its instance."""
    generator = random.Random(5)
    spam = [number % 3 == 0 for number in range(ROWS)]
    instances = [
        {"message": parcel(generator) if bad else message(generator, spam=False)} for bad in spam
    ]
    url = stack.url("GATEWAY", "/v1/models/messages/predict")
    answer = requests.post(url, json={"instances": instances}, timeout=30)
    assert answer.status_code == 200, answer.text
    labels = [
        {
            "request_id": answer.json()["request_id"],
            "index": number,
            "label": "spam" if bad else "not_spam",
            "instance": instances[number],
        }
        for number, bad in enumerate(spam)
    ]
    given = requests.post(stack.url("GATEWAY", "/v1/feedback"), json={"labels": labels}, timeout=30)
    assert (given.status_code, given.json()["accepted"]) == (202, ROWS)


@pytest.mark.slow
def test_a_retraining_is_trained_and_judged_in_its_container(
    own_stack: Stack, tmp_path: Any
) -> None:
    stack = own_stack
    store_with_champion(tmp_path, small_recipe("messages"))
    stack.unpack(tmp_path / "store", "monitor", "/store")
    served = stack.url("GATEWAY", "/v1/models/messages/predict")
    body = {"message": "see you at six"}
    eventually(  # each replica finds it by itself; the gateway takes them in turns
        lambda: [requests.post(served, json=body, timeout=10).status_code for _ in range(6)],
        lambda statuses: set(statuses) == {200},
        within_seconds=60,
    )
    labelled_requests(stack)

    def proposal() -> dict[str, Any]:
        url = stack.url("MONITOR", "/v1/models/messages/retraining-proposal")
        found: dict[str, Any] = requests.get(url, timeout=10).json()
        return found

    eventually(proposal, lambda found: found.get("live") == ROWS, within_seconds=60)
    asked = stack.compose("exec", "-T", "monitor", "slipway", "retrain", "messages", "--json")
    place = stack.url("MONITOR", f"/v1/retrainings/{json.loads(asked)['request_id']}")

    def retraining() -> dict[str, Any]:
        answer = requests.get(place, timeout=10)
        found: dict[str, Any] = answer.json() if answer.status_code == 200 else {"gate": None}
        return found

    found = eventually(retraining, lambda now: now["gate"] is not None, within_seconds=120)
    checks = {check["name"]: check for check in found["gate"]["checks"]}
    assert found["gate"]["outcome"] == "passed", found["gate"]["reason"]
    assert checks["newest"]["figures"]["difference"] > 0.1
    show = ("slipway", "models", "show", "messages", found["version"], "--json")
    stored = json.loads(stack.compose("exec", "-T", "monitor", *show))
    assert f"retraining {found['id']}" in json.dumps(stored)
