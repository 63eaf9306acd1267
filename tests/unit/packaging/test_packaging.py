"""What is refused when a model is packaged, and why."""

import json
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from slipway.core.errors import ArtifactRefused, InvalidInput, PackagingRefused
from slipway.model.loading import load
from slipway.model.packaging.packaging import package_file
from slipway.model.packaging.samples import sample_of
from slipway.model.packaging.wanted import Wanted, converter
from support.packaging import ROWS, SAMPLE, WANTED, refusal, written


class Net(torch.nn.Module):
    """Two numbers side by side → two logits."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> Any:
        return self.linear(x)


class MeanOfBatch(Net):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        centred: torch.Tensor = self.linear(x - x.mean(dim=0))
        return centred


class Unsaved(Net):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mask", torch.ones(2), persistent=False)


class Several(Net):
    def forward(self, x: torch.Tensor) -> Any:
        return {"logits": self.linear(x)}


class OneScore(Net):
    def forward(self, x: torch.Tensor) -> Any:
        return self.linear(x)[:, 0]


class Wide(Net):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width


class Forgetful(Net):
    """What its constructor draws is not in its weights."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = float(torch.rand(1, device="cpu"))

    def forward(self, x: torch.Tensor) -> Any:
        return self.linear(x) * self.factor


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package with these classes."""
    models = ModuleType("somebody.models")
    for found in (Net, MeanOfBatch, Unsaved, Several, OneScore, Wide, Forgetful):
        setattr(models, found.__name__, found)
    monkeypatch.setitem(sys.modules, "somebody", ModuleType("somebody"))
    monkeypatch.setitem(sys.modules, "somebody.models", models)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(7)
    torch.save(Net().state_dict(), tmp_path / "weights.pt")
    return tmp_path / "weights.pt"


def of(name: str, **changes: Any) -> Wanted:
    return replace(WANTED, module_class=f"somebody.models:{name}", **changes)


def test_a_module_is_packaged_and_loads_only_where_its_package_is_allowed(
    weights: Path, tmp_path: Path
) -> None:
    directory = written(package_file(weights, SAMPLE, WANTED), tmp_path / "v")
    assert load(directory, module_packages={"somebody"}).predict([dict(ROWS[0])])
    with pytest.raises(ArtifactRefused, match="'somebody', which SLIPWAY_MODULE_PACKAGES") as told:
        load(directory)
    assert told.value.file == "config.json"


@pytest.mark.parametrize(
    "path", ["os:system", "somebody.models:ROWS", "somebody.absent:Net", "somebody", "some body:x"]
)
def test_a_class_that_is_none_or_not_allowed_is_refused(weights: Path, path: str) -> None:
    said = refusal(weights, replace(WANTED, module_class=path))
    assert "class" in said or "allow" in said or "imported" in said


REFUSED = {
    "no class": ({"module_class": ""}, "name the class"),
    "no meaning": ({"labels": ()}, "--labels"),
    "both meanings": ({"unit": "EUR"}, "not both"),
    "too many labels": ({"labels": ("a", "b", "c")}, "3 labels, but the model gives 2 scores"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_missing_is_asked_for(weights: Path, kind: str) -> None:
    changes, words = REFUSED[kind]
    assert words in refusal(weights, replace(WANTED, **changes))


CLASSES = {
    "MeanOfBatch": "depends on the rows that are asked with it",
    "Unsaved": "make it persistent",
    "Several": "gives dict, not one tensor",
    "OneScore": "--scores logits",
    "Wide": "--arguments",
    "Forgetful": "answers differently",
}


@pytest.mark.parametrize("name", CLASSES)
def test_a_module_that_would_not_serve_is_refused_with_the_way_out(
    weights: Path, name: str
) -> None:
    assert CLASSES[name] in refusal(weights, of(name))


def test_one_score_is_the_second_labels_probability(weights: Path, tmp_path: Path) -> None:
    made = package_file(weights, SAMPLE, of("OneScore", scores="logits"))
    model = load(written(made, tmp_path / "v"), module_packages={"somebody"})
    (answer,) = model.predict([dict(ROWS[3])])
    assert answer.probabilities is not None
    assert sum(answer.probabilities.values()) == pytest.approx(1)


def test_other_weights_than_the_class_has_are_refused(tmp_path: Path) -> None:
    torch.save({"linear.weight": torch.zeros(2, 2)}, tmp_path / "w.pt")
    assert "linear.bias" in refusal(tmp_path / "w.pt", WANTED)


def test_checkpoints_wrappers_and_safetensors_are_understood(tmp_path: Path) -> None:
    state = Net().state_dict()
    torch.save({"epoch": 1, "net": state}, tmp_path / "checkpoint.pt")
    torch.save({f"module.{name}": state[name] for name in state}, tmp_path / "wrapped.pt")
    save_file(dict(state), tmp_path / "w.safetensors")
    torch.save({"a": state, "b": state}, tmp_path / "two.pt")
    for name in ("checkpoint.pt", "wrapped.pt", "w.safetensors"):
        assert package_file(tmp_path / name, SAMPLE, WANTED).compared.difference == 0
    assert "not one state_dict" in refusal(tmp_path / "two.pt", WANTED)


def test_a_text_needs_a_preprocess(weights: Path) -> None:
    texts = sample_of([{"a": f"word number {n}"} for n in range(9)], "0" * 64)
    assert "static method preprocess(instances)" in refusal(weights, WANTED, texts)


def test_the_target_gives_figures_and_a_calibration(weights: Path) -> None:
    rows = [{**row, "y": n % 2} for n, row in enumerate(ROWS)]
    made = package_file(weights, sample_of(rows, "0" * 64, "y"), WANTED)
    assert made.metrics["accuracy"]["n"] == len(rows)
    assert json.loads(made.files["reference.json"])["calibration"]["bins"] == 15
    wrong = sample_of([{**row, "y": "perhaps"} for row in ROWS], "0" * 64, "y")
    assert "'perhaps' is none of the labels" in refusal(weights, WANTED, wrong)


def test_numbers_that_are_too_large_are_refused_and_not_answered_with_nan(
    tmp_path: Path,
) -> None:
    state = {"linear.weight": torch.full((2, 2), 10.0), "linear.bias": torch.zeros(2)}
    torch.save(state, tmp_path / "steep.pt")
    made = package_file(tmp_path / "steep.pt", SAMPLE, WANTED)
    model = load(written(made, tmp_path / "v"), module_packages={"somebody"})
    with pytest.raises(InvalidInput, match="not finite"):
        model.predict([{"a": 1e300, "b": 1e300}])


def test_an_exported_program_is_not_read_without_consent(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.pt2", "w") as archive:
        archive.writestr("p/archive_format", "pt2")
    said = refusal(tmp_path / "p.pt2", WANTED)
    assert "runs whatever code is in one" in said
    assert "--trust-code" in said


def test_a_missing_converter_says_which_command_installs_it() -> None:
    with pytest.raises(PackagingRefused, match=r"pip install .*libs/slipway\[package-keras\]"):
        converter("a_package_that_nobody_has", "package-keras", "a Keras model")
