"""A version answers the same wherever it is loaded: in another process, alone or in a batch, on a GPU."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from slipway.model.loading import load
from slipway.model.prediction import Prediction
from slipway.model.training.train import Trained
from slipway.model.validation import checked_instances
from support.artifacts import put, trained, trained_people
from support.messages import small_recipe
from support.parts import absent
from support.people import PERSON, people_recipe

MESSAGES = [{"message": text} for text in ("You have won a phone", "ok", "Grüße 🙂", "a" * 5000)]
PEOPLE = [PERSON, {"age": 70, "gender": "F"}, PERSON | {"city": "Atlantis", "salary": None}]
RARE = {
    "rarity": True,
    "training": {"epochs": 3, "learning_rate": 0.05, "naive_bayes": 1.0},
    "ngrams": {"buckets": 1024, "char_max": 3},
}

Make = Callable[[Path], Trained]
FAMILIES: dict[str, tuple[Make, list[dict[str, Any]]]] = {
    "texts": (trained, MESSAGES),
    "texts by rarity": (lambda folder: trained(folder, small_recipe(**RARE)), MESSAGES),
    "labels of rows": (trained_people, PEOPLE),
    "numbers of rows": (lambda folder: trained_people(folder, people_recipe("rent")), PEOPLE),
}

# Loads a version and answers rows one by one.
ELSEWHERE = """
import json, sys
from pathlib import Path
import msgspec
from slipway.model.loading import load
from slipway.model.validation import checked_instance
model = load(Path(sys.argv[1]))
rows = [checked_instance(model.signature, row) for row in json.load(sys.stdin)]
print(msgspec.json.encode([model.predict([row])[0] for row in rows]).decode())
"""


@pytest.fixture(scope="module", params=FAMILIES)
def version(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[dict[str, Any]]]:
    """A version's directory, saved by this process, and rows for it."""
    make, rows = FAMILIES[request.param]
    folder = tmp_path_factory.mktemp("version")
    return put(folder / "models", make(folder), promote=False), rows


def numbers_in(answer: Prediction) -> list[float]:
    if answer.interval:
        return [float(answer.prediction), *answer.interval]
    return list((answer.probabilities or {}).values())


def answers_in_a_batch(
    directory: Path, rows: list[dict[str, Any]], device: str = "cpu"
) -> list[Prediction]:
    model = load(directory, device)
    return list(model.predict(checked_instances(model.signature, rows)))


def test_another_process_answers_each_row_alone_as_this_one_all_at_once(
    version: tuple[Path, list[dict[str, Any]]],
) -> None:
    directory, rows = version
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(directory)],
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        check=True,
    )
    there = msgspec.json.decode(done.stdout, type=list[Prediction])
    here = answers_in_a_batch(directory, rows)
    for one, other in zip(here, there, strict=True):
        assert numbers_in(one) == pytest.approx(numbers_in(other), abs=1e-6, rel=0)
        assert one.interval or one.prediction == other.prediction


def test_a_gpu_answers_as_the_cpu(version: tuple[Path, list[dict[str, Any]]]) -> None:
    if not torch.cuda.is_available():
        absent("gpu", "no CUDA device")
    directory, rows = version
    on_cpu, on_gpu = (answers_in_a_batch(directory, rows, d) for d in ("cpu", "cuda:0"))
    for one, other in zip(on_cpu, on_gpu, strict=True):
        assert numbers_in(one) == pytest.approx(numbers_in(other), abs=1e-4, rel=1e-4)
