"""The tuning on a real predictor, with steps too short to mean anything, and a predictor from its file."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from slipway.core.settings import KNOWN_NAMES
from support.artifacts import put, trained
from support.predictor_process import REPOSITORY, RunningPredictor


def tune(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SLIPWAY_")}
    named = {f"SLIPWAY_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "tuning", *arguments],
        env=kept | named | {"PYTHONPATH": str(REPOSITORY / "scripts")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.slow
def test_a_predictor_starts_with_what_the_tuning_wrote(
    tmp_path: Path, start_predictor: Callable[..., RunningPredictor]
) -> None:
    models, out = tmp_path / "models", tmp_path / "tuned.env"
    put(models, trained(tmp_path))
    short = ("--seconds", "0.2", "--cores", "1", "--rows", "4", "--out", str(out))
    done = tune(*short, "--model", "spam", builtin_models=str(models))
    assert done.returncode == 0, done.stderr + done.stdout
    lines = [line for line in out.read_text().splitlines() if line and not line.startswith("#")]
    values = dict(line.split("=", 1) for line in lines)
    assert values.keys() <= KNOWN_NAMES
    assert values["SLIPWAY_WORKERS"] == values["SLIPWAY_TORCH_THREADS"] == "1"
    given = {name.removeprefix("SLIPWAY_").lower(): value for name, value in values.items()}
    predictor = start_predictor(**given, builtin_models=str(models))
    assert len(predictor.request_processes()) == 1
    answer = predictor.post("/v1/predict", {"message": "win a phone"})
    assert answer.status_code == 200


def test_a_model_that_nothing_serves_is_named_and_no_file_is_written(tmp_path: Path) -> None:
    out = tmp_path / "tuned.env"
    done = tune("--model", "absent", "--out", str(out), builtin_models=str(tmp_path))
    assert done.returncode == 1
    assert "Nothing serves a model absent" in done.stderr
    assert not out.exists()
