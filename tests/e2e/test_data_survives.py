"""`down` keeps the data, and the next `up` has it."""

import uuid
from collections.abc import Iterator

import pytest
import requests

from e2e.batch import accept, finished, results
from e2e.stack import Stack, eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def own_stack(stack: Stack) -> Iterator[Stack]:
    """Another one, of the images that the first one has built."""
    own = Stack(f"slipway-e2e-{uuid.uuid4().hex[:6]}")
    try:
        own.up(wait_seconds=180)
        yield own
    finally:
        own.down()


def test_batches_predictions_and_secrets_survive_down_and_up(own_stack: Stack) -> None:
    place = accept(own_stack, [{"message": "See you at lunch"}] * 20)
    finished(own_stack, place)
    before = results(own_stack, place)
    request_id = own_stack.predict({"message": "hello"}).json()["request_id"]
    story = own_stack.url("MONITOR", f"/v1/predictions/{request_id}")
    eventually(lambda: requests.get(story, timeout=10).status_code, lambda s: s == 200, 60)
    password = own_stack.compose("exec", "-T", "redis", "cat", "/run/secrets/redis_password")

    own_stack.compose("down")
    own_stack.up(wait_seconds=180)

    assert results(own_stack, place) == before
    assert requests.get(story, timeout=10).json()["request_id"] == request_id
    assert password == own_stack.compose(
        "exec", "-T", "redis", "cat", "/run/secrets/redis_password"
    )
