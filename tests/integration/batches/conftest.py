"""A predictor and workers, shared by a module's tests or a test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.batch_stack import BatchStack, make_stack
from support.predictor_process import RunningPredictor
from support.worker_process import RunningWorker


@pytest.fixture(scope="module")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BatchStack]:
    stack = make_stack(tmp_path_factory.mktemp("stack"))
    yield stack
    stack.stop()


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[BatchStack]:
    """One for a test that breaks things."""
    own = make_stack(tmp_path)
    yield own
    own.stop()


@pytest.fixture(scope="module")
def predictor(shared_stack: BatchStack) -> RunningPredictor:
    return shared_stack.start_predictor()


@pytest.fixture(scope="module")
def worker(shared_stack: BatchStack) -> RunningWorker:
    return shared_stack.start_worker()
