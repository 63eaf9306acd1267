"""A model to be packaged: what is asked for, a sample of its inputs, and what is said of a bad file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from slipway.core.errors import PackagingRefused
from slipway.model.artifact import write
from slipway.model.packaging.packaging import Packaged, package_file
from slipway.model.packaging.samples import sample_of
from slipway.model.packaging.wanted import Wanted

NOW = datetime(2026, 11, 26, tzinfo=UTC)
ROWS = [{"a": 0.1 * n, "b": 1.0 - 0.07 * n} for n in range(20)]
SAMPLE = sample_of(ROWS, "0" * 64)
WANTED = Wanted(
    "m",
    "1.0.0",
    NOW,
    labels=("no", "yes"),
    module_class="somebody.models:Net",
    module_packages=frozenset({"somebody"}),
)


def refusal(path: Path, wanted: Wanted, sample: Any = SAMPLE) -> str:
    with pytest.raises(PackagingRefused) as refused:
        package_file(path, sample, wanted)
    return str(refused.value)


def written(made: Packaged, directory: Path) -> Path:
    write(directory, made.manifest, made.files)
    return directory
