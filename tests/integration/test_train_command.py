"""`slipway train` as a person runs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from slipway.model.loading import load
from slipway.model.registry import registry_in_folder, version_directory
from support.messages import recipe_file, write_messages


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_messages(tmp_path / "messages.txt", rows=80, seed=1)
    recipe_file(tmp_path / "small.toml", "small")
    return tmp_path


def _train(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        *(sys.executable, "-m", "slipway", "train", str(folder / "small.toml")),
        *("--data", str(folder), "--models", str(folder / "models"), *options),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_it_trains_shows_its_figures_and_writes_a_version_that_loads(folder: Path) -> None:
    done = _train(folder, "--version", "3.1.0", "--seed", "5", "--promote", "--keep-state")
    assert done.returncode == 0, done.stderr
    assert "accuracy" in done.stderr
    assert "small 3.1.0 serves from now on (generation 1)" in done.stderr
    model = load(version_directory(folder / "models", "small", "3.1.0"))
    assert model.lineage["seed"] == 5
    again = _train(folder, "--version", "3.2.0", "--resume", "3.1.0")
    assert again.returncode == 0, again.stderr
    assert load(version_directory(folder / "models", "small", "3.2.0")).manifest.parent == "3.1.0"
    newest = registry_in_folder(folder / "models").newest("small")
    assert newest is not None
    assert newest.champion == "3.1.0"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--version", "three"), "not a version"),
        (("--resume", "9.9.9"), "no manifest.json of small 9.9.9"),
        (("--data", "/nowhere"), "There is no file"),
    ],
)
def test_what_cannot_be_done_is_one_line(folder: Path, options: tuple[str, ...], told: str) -> None:
    done = _train(folder, *options)
    assert done.returncode == 1
    assert told in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_version_is_not_trained_over(folder: Path) -> None:
    assert _train(folder).returncode == 0
    assert "versions never change" in _train(folder).stderr
