"""Fixtures that several folders of tests share."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.parts import ABSENT, absent
from support.postgres_server import PostgresServer
from support.predictor_process import REPOSITORY, RunningPredictor
from support.redis_server import RedisServer


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hands what is absent to the process that ran this one (pytest-xdist), if there is one."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["absent"] = ABSENT


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes what one of the processes that ran tests did not find."""
    ABSENT.update(getattr(node, "workeroutput", {}).get("absent", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says at the end what was not tested since a part is not on this machine."""
    if ABSENT:
        terminalreporter.section("parts that are absent here; tests that need them were skipped")
        for part, reason in sorted(ABSENT.items()):
            terminalreporter.write_line(f"{part}: {reason}")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The real data sets: $SLIPWAY_TEST_DATA, or ../shared/data beside the project."""
    folder = Path(os.environ.get("SLIPWAY_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        absent(
            "data",
            f"no folder of data sets (SLIPWAY_TEST_DATA, or {folder.name} beside the project)",
        )
    return folder


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of this test's own, with an append-only file."""
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisServer(folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL that the tests of one run share."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def start_predictor(tmp_path: Path) -> Iterator[Callable[..., RunningPredictor]]:
    """Starts predictors with given settings and stops them after the test."""
    started: list[RunningPredictor] = []

    def start(**settings: str) -> RunningPredictor:
        named = {f"SLIPWAY_{name.upper()}": value for name, value in settings.items()}
        started.append(RunningPredictor(tmp_path / f"predictor-{len(started)}", named))
        return started[-1].wait_until_ready()

    try:
        yield start
    finally:
        for predictor in started:
            predictor.stop()


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPredictor]:
    """One predictor with the defaults, two request processes, shared by a module's tests."""
    running = RunningPredictor(tmp_path_factory.mktemp("predictor"), {})
    try:
        yield running.wait_until_ready()
    finally:
        running.stop()
