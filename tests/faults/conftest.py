"""The processes that batches need, each fault test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.batch_stack import BatchStack, make_stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[BatchStack]:
    own = make_stack(tmp_path)
    yield own
    own.stop()
