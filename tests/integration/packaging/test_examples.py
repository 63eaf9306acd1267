"""What a notebook left behind, packaged here and served by the unchanged predictor in other processes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import torch
from openapi_spec_validator import OpenAPIV31SpecValidator

from monitor.drift.reference import Reference
from slipway.core.errors import Conflict
from slipway.model.loading import load
from slipway.model.registry import version_directory
from slipway.model.runtime import Model
from slipway.model.validation import checked_instance
from support.examples import ALLOW, MODELS, TEAM, Example, package
from support.parts import absent
from support.predictor_process import RunningPredictor

Made = Callable[[Example], Path]
ROWS = 25


def numbers_of(answer: dict[str, Any]) -> list[float]:
    """Probabilities in the labels' order, or the number."""
    if "probabilities" in answer:
        return list(answer["probabilities"].values())
    return [answer["prediction"]]


def close(found: list[list[float]], expected: list[list[float]], tolerance: float) -> bool:
    """Numbers from 1 up are compared relative to their size."""
    a, b = np.array(found), np.array(expected)
    return bool((np.abs(a - b) <= tolerance * np.maximum(1, np.abs(b))).all())


@pytest.fixture(scope="module")
def served(
    packaged: Made, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Example], RunningPredictor]]:
    """A predictor with every example that can be packaged here; the .h5 is a second version."""
    running: list[RunningPredictor] = []

    def start(example: Example) -> RunningPredictor:
        models = packaged(example)
        while running:
            running.pop().stop()
        settings = {"SLIPWAY_BUILTIN_MODELS": str(models), "SLIPWAY_DEFAULT_MODEL": example.name}
        folder = tmp_path_factory.mktemp(f"predictor-{example.name}")
        running.append(RunningPredictor(folder, {**settings, **ALLOW, "PYTHONPATH": str(TEAM)}))
        return running[-1].wait_until_ready()

    yield start
    while running:
        running.pop().stop()


@pytest.fixture
def loaded(packaged: Made, example: Example) -> Model:
    directory = version_directory(packaged(example), example.name, example.version)
    return load(directory, module_packages={"teamnet"})


def answered(model: Model, rows: list[dict[str, Any]]) -> list[list[float]]:
    checked = [checked_instance(model.signature, row) for row in rows]
    return [
        list(p.probabilities.values()) if p.probabilities else [float(p.prediction)]
        for p in model.predict(checked)
    ]


def test_an_example_is_served_as_it_answered_before(
    served: Callable[[Example], RunningPredictor],
    loaded: Model,
    example: Example,
    made_by: Callable[[str], Path],
) -> None:
    """Trained in one process, packaged in this one, served by two others; then asked in every way."""
    made = made_by(example.folder)
    rows = example.rows(made)[:ROWS]
    predictor = served(example)
    body = predictor.post("/v1/predict", {"instances": rows}).json()
    assert body["model_version"] == example.version, body
    together = [numbers_of(answer) for answer in body["predictions"]]
    assert close(together, example.answers(made)[:ROWS], 1e-5)
    assert close(together, answered(loaded, rows), 1e-6)
    alone = [numbers_of(predictor.post("/v1/predict", row).json()) for row in rows[:5]]
    assert close(alone, together[:5], 1e-6)
    explained = predictor.post("/v1/explain", rows[0]).json()
    explanation = explained["explanation"]
    parts = sum(part["contribution"] for part in explanation["contributions"])
    score = explained.get("confidence", explained["prediction"])
    assert parts + explanation["base"] == pytest.approx(score, rel=1e-6, abs=1e-6)
    document = predictor.get("/openapi.json").json()
    OpenAPIV31SpecValidator(document).validate()
    assert_open_inference(predictor, loaded, rows, together)
    assert requests.get(f"{predictor.url}/", timeout=10).status_code == 200


def assert_open_inference(
    predictor: RunningPredictor,
    model: Model,
    rows: list[dict[str, Any]],
    expected: list[list[float]],
) -> None:
    """Tensors in, tensors out."""
    described = predictor.get(f"/v2/models/{model.name}").json()
    inputs = []
    for tensor in described["inputs"]:
        column = [row.get(tensor["name"]) for row in rows]
        if tensor["datatype"] == "BYTES":
            column = ["" if value is None else value for value in column]
        shape = [len(rows), *tensor["shape"][1:]]
        inputs.append({**tensor, "shape": shape, "data": column})
    answer = predictor.post(f"/v2/models/{model.name}/infer", {"inputs": inputs}).json()
    outputs = {output["name"]: output["data"] for output in answer["outputs"]}
    flat = outputs["probabilities" if "probabilities" in outputs else "prediction"]
    assert close(np.reshape(flat, (len(rows), -1)).tolist(), expected, 1e-6)


def test_answers_are_the_same_alone_and_in_a_batch(
    loaded: Model, example: Example, made_by: Callable[[str], Path]
) -> None:
    rows = example.rows(made_by(example.folder))[:ROWS]
    alone = [answered(loaded, [row])[0] for row in rows]
    assert close(alone, answered(loaded, rows), 1e-6)


def test_the_same_files_answer_alike_on_a_gpu(
    packaged: Made, loaded: Model, example: Example, made_by: Callable[[str], Path]
) -> None:
    if not torch.cuda.is_available():
        absent("cuda", "torch sees no CUDA device")
    directory = version_directory(packaged(example), example.name, example.version)
    rows = example.rows(made_by(example.folder))[:ROWS]
    there = load(directory, "cuda:0", {"teamnet"})
    assert close(answered(there, rows), answered(loaded, rows), 1e-4)


def test_the_monitor_reads_the_reference_and_knows_every_feature(
    packaged: Made, loaded: Model, example: Example, made_by: Callable[[str], Path]
) -> None:
    directory = version_directory(packaged(example), example.name, example.version)
    reference = Reference.from_json((directory / "reference.json").read_bytes())
    row = checked_instance(loaded.signature, example.rows(made_by(example.folder))[0])
    scores = loaded.forward(loaded.preprocess([row]))[0]
    features = loaded.family.monitored(row, scores)
    assert features.keys() == reference.features.keys()
    assert {"_prediction"} <= reference.watched().keys()


def test_no_text_of_the_sample_is_in_the_reference(
    packaged: Made, made_by: Callable[[str], Path]
) -> None:
    example = next(each for each in MODELS if each.name == "tickets")
    directory = version_directory(packaged(example), example.name, example.version)
    reference = (directory / "reference.json").read_text().replace('"features"', "")
    words = {word for row in example.rows(made_by("module")) for word in row["text"].split()}
    assert not [word for word in words if len(word) > 3 and word in reference]


def test_a_version_is_never_packaged_over(packaged: Made, made_by: Callable[[str], Path]) -> None:
    example = MODELS[0]
    models = packaged(example)
    with pytest.raises(Conflict, match="versions never change"):
        package(made_by(example.folder), example, models)


def test_a_predictor_that_does_not_allow_the_package_says_so_and_imports_nothing(
    packaged: Made, start_predictor: Callable[..., RunningPredictor], tmp_path: Path
) -> None:
    models = packaged(MODELS[0])
    running = RunningPredictor(
        tmp_path / "strict",
        {"SLIPWAY_BUILTIN_MODELS": str(models), "SLIPWAY_DEFAULT_MODEL": "leaks"},
    )
    try:
        running.wait_until_healthy()
        assert running.get("/ready").status_code == 503
        assert "which SLIPWAY_MODULE_PACKAGES does not allow" in running.process.output
    finally:
        running.stop()
