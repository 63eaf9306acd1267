"""One stack for the whole run, built and started as a user would, and gone afterwards."""

import uuid
from collections.abc import Iterator

import pytest

from e2e.stack import Stack, engine_runs
from support.parts import absent

# What the README promises of built images.
HEALTHY_WITHIN_SECONDS = 90


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    if not engine_runs():
        absent("docker", "no docker engine runs")
    stack = Stack(f"slipway-e2e-{uuid.uuid4().hex[:6]}")
    stack.compose("build", "--quiet", timeout_seconds=1800)
    try:
        stack.up(wait_seconds=HEALTHY_WITHIN_SECONDS)
        yield stack
    finally:
        stack.down()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test of a run waits for the images, the slow one for an alert's five minutes."""
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.timeout(2400))
