"""The examples of imports: run as their reader would, packaged by the command that docs/packaging.md has."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from slipway.cli.main import typer_app
from slipway.model.packaging.samples import read_sample
from support.predictor_process import REPOSITORY

EXAMPLES = REPOSITORY / "examples"
TEAM = EXAMPLES / "module"
ALLOW = {"SLIPWAY_MODULE_PACKAGES": "teamnet"}


@dataclass(frozen=True)
class Example:
    """One model that an example makes. file, sample: what its script wrote. target: not an input."""

    folder: str
    name: str
    file: str
    sample: str
    options: tuple[str, ...]
    target: str = ""
    needs: tuple[str, ...] = ()
    version: str = "1.0.0"

    def rows(self, made: Path) -> list[dict[str, Any]]:
        return list(read_sample(made / self.sample, self.target).rows)

    def answers(self, made: Path) -> list[list[float]]:
        """What the model said before it was packaged: probabilities, or a number, of each row."""
        found: list[list[float]] = json.loads((made / f"{self.name}.answers.json").read_text())
        return found


TORCH, SKLEARN = ("onnx", "onnxscript", "onnxruntime"), ("skops", "skl2onnx", "onnxruntime")
MODELS = (
    Example(
        "module",
        "leaks",
        "leaks.pt",
        "leaks.ndjson",
        ("--class", "teamnet.models:LeakNet", "--arguments", '{"width": 16}', "--labels", "no,yes"),
        target="leaks",
    ),
    Example(
        "module",
        "tickets",
        "tickets.pt",
        "tickets.ndjson",
        ("--class", "teamnet.models:TicketNet", "--labels", "billing,broken,other"),
    ),
    Example(
        "exported_program",
        "rent",
        "rent.pt2",
        "rent.json",
        ("--unit", "EUR", "--trust-code"),
        target="rent",
        needs=TORCH,
    ),
    Example("sklearn", "churn", "churn.skops", "churn.csv", (), target="churn", needs=SKLEARN),
    Example(
        "sklearn",
        "stays",
        "stays.skops",
        "stays.ndjson",
        ("--labels", "bad,good"),
        target="good",
        needs=SKLEARN,
    ),
    Example(
        "keras",
        "stripes",
        "stripes.keras",
        "stripes.npz",
        ("--labels", "across,down"),
        needs=("keras", "h5py", *TORCH),
    ),
    Example(
        "keras",
        "stripes",
        "stripes.h5",
        "stripes.npz",
        ("--labels", "across,down"),
        needs=("keras", "h5py", *TORCH),
        version="1.0.1",
    ),
    Example(
        "onnx",
        "gestures",
        "gestures.onnx",
        "gestures.json",
        ("--labels", "left,right,up"),
        needs=("onnx", "onnxruntime"),
    ),
)


def run_example(folder: str, target: Path) -> None:
    """Raises where the script fails."""
    command = [sys.executable, str(EXAMPLES / folder / "train.py"), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def package(made: Path, example: Example, models: Path, options: Sequence[str] = ()) -> str:
    """Runs the command in this process; returns what it said, or raises with it."""
    command = [
        *("package", str(made / example.file), "--name", example.name),
        *("--version", example.version, "--sample", str(made / example.sample)),
        *(("--target", example.target) if example.target else ()),
        *example.options,
        *options,
        *("--models", str(models), "--promote"),
    ]
    result = CliRunner().invoke(typer_app, command, env=ALLOW)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output
