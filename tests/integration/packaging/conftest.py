"""Every example, run and packaged once for the tests of a run."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from support.examples import MODELS, TEAM, Example, package, run_example
from support.parts import needed

Made = Callable[[Example], Path]


@pytest.fixture(scope="session")
def made_by(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder with what an example's script wrote."""

    @cache
    def run(folder: str) -> Path:
        target = tmp_path_factory.mktemp(folder)
        run_example(folder, target)
        return target

    return run


@pytest.fixture(scope="session")
def team_package() -> Iterator[None]:
    """The example's package can be imported, as an installed one could."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(TEAM))
        yield


@pytest.fixture(scope="session")
def packaged(
    made_by: Callable[[str], Path], team_package: None, tmp_path_factory: pytest.TempPathFactory
) -> Made:
    """Packages an example, once; returns the folder of models."""
    models = tmp_path_factory.mktemp("packaged") / "models"

    @cache
    def run(example: Example) -> Path:
        needed(*example.needs)
        package(made_by(example.folder), example, models)
        return models

    return run


@pytest.fixture(params=MODELS, ids=lambda example: example.file)
def example(request: pytest.FixtureRequest) -> Example:
    found: Example = request.param
    return found
