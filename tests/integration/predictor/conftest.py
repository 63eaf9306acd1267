"""Fixtures of tests with a predictor that follows a store."""

from pathlib import Path

import pytest

from support.artifacts import put, trained
from support.team import Start, Team


@pytest.fixture(scope="module")
def built_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models with version 1.0.0 of `spam`."""
    folder = tmp_path_factory.mktemp("built-in")
    put(folder / "models", trained(folder))
    return folder / "models"


@pytest.fixture
def team(tmp_path: Path, built_in: Path, start_predictor: Start) -> Team:
    return Team(tmp_path, built_in, start_predictor)
