"""What is refused when a model is packaged, and why; and what the sample tells."""

import json
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from slipway.core.errors import ArtifactRefused, InvalidInput, PackagingRefused
from slipway.model.artifact import make_manifest, write
from slipway.model.families.explained_parts import mixed, parts_of
from slipway.model.loading import load
from slipway.model.packaging.fields import fields_of
from slipway.model.packaging.packaging import Packaged, package_file
from slipway.model.packaging.samples import read_sample, sample_of
from slipway.model.packaging.wanted import Wanted, converter
from slipway.model.signature import Field
from support.parts import needed

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


def refusal(path: Path, wanted: Wanted, sample: Any = SAMPLE) -> str:
    with pytest.raises(PackagingRefused) as refused:
        package_file(path, sample, wanted)
    return str(refused.value)


def of(name: str, **changes: Any) -> Wanted:
    return replace(WANTED, module_class=f"somebody.models:{name}", **changes)


def written(made: Packaged, directory: Path) -> Path:
    write(directory, made.manifest, made.files)
    return directory


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


def graph(tmp_path: Path, **changes: Any) -> Path:
    """A graph that adds 1 to two numbers; changes: rows, domain, or where a weight is kept."""
    needed("onnx", "onnxruntime")
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    one = numpy_helper.from_array(np.ones(2, np.float32), "one")
    if "location" in changes:
        one.ClearField("raw_data")
        one.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", changes["location"]), ("length", "8")):
            entry = one.external_data.add()
            entry.key, entry.value = key, value
    domain = changes.get("domain", "")
    node = helper.make_node("Add", ["x", "one"], ["y"], domain=domain)
    rows = changes.get("rows", "rows")
    made = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", 1, [rows, 2])],
        [helper.make_tensor_value_info("y", 1, [rows, 2])],
        [one],
    )
    opsets = [helper.make_opsetid("", 20)]
    opsets += [helper.make_opsetid(domain, 1)] if domain else []
    model = helper.make_model(made, opset_imports=opsets, ir_version=10)
    path = tmp_path / "g.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def test_a_graph_with_a_fixed_number_of_rows_is_refused(tmp_path: Path) -> None:
    assert "a fixed number of rows" in refusal(graph(tmp_path, rows=4), WANTED)


def test_a_graph_with_operators_of_a_library_is_refused(tmp_path: Path) -> None:
    assert "'evil.operators'" in refusal(graph(tmp_path, domain="evil.operators"), WANTED)


def test_a_graph_with_weights_in_other_files_is_refused(tmp_path: Path) -> None:
    said = refusal(graph(tmp_path, location="w.bin"), WANTED)
    assert "other files" in said
    assert "onnx.save(onnx.load" in said


@pytest.mark.parametrize("location", ["../w.bin", "/etc/hostname", "w.bin"])
def test_a_version_whose_graph_reads_other_files_does_not_load(
    tmp_path: Path, location: str
) -> None:
    """As somebody who can write the manifest would plant it."""
    made = package_file(graph(tmp_path), SAMPLE, WANTED)
    (tmp_path / "w.bin").write_bytes(bytes(8))
    planted = graph(tmp_path, location=location).read_bytes()
    directory = tmp_path / "v"
    files = {**made.files, "model.onnx": planted}
    manifest = make_manifest(
        name="m",
        version="1.0.0",
        family="onnx",
        files=files,
        made_by="nobody",
        now=NOW,
        weights="onnx",
    )
    write(directory, manifest, files)
    with pytest.raises(ArtifactRefused) as told:
        load(directory)
    assert told.value.file == "model.onnx"


def test_an_onnx_graph_whose_inputs_are_named_like_no_field_takes_numbers_side_by_side(
    tmp_path: Path,
) -> None:
    made = package_file(graph(tmp_path), SAMPLE, WANTED)
    (feed,) = json.loads(made.files["config.json"])["feeds"]
    assert feed == {"argument": "x", "fields": ["a", "b"], "dtype": "float32", "shape": [2]}
    three = sample_of([{**row, "c": 1.0} for row in ROWS], "0" * 64)
    assert "takes [2] a row, the 3 fields side by side make [3]" in refusal(
        graph(tmp_path), WANTED, three
    )


def test_a_sample_tells_the_fields(tmp_path: Path) -> None:
    sample = tmp_path / "rows.csv"
    cities = ["Delhi", "Pune"] * 3
    lines = [f'{n},{n if n else ""},{city},"text {n}"' for n, city in enumerate(cities)]
    sample.write_text("\n".join(["age,salary,city,note", *lines]))
    age, salary, city, note = fields_of(read_sample(sample).rows, [{"name": "age", "minimum": 0}])
    assert (age.type, age.minimum, age.required) == ("number", 0, True)
    assert (salary.type, salary.required) == ("number", False)
    assert (city.type, city.allowed, note.type) == ("category", None, "text")


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("s.csv", b"a,b\n1\n", "another number of cells"),
        ("s.json", b'{"a": 1}', "no array of rows"),
        ("s.ndjson", b'{"a": NaN}\n', "must be a finite number"),
        ("s.json", b"[1, 2]", "each an object"),
        ("s.xlsx", b"", "one of .json"),
        ("s.ndjson", b'{"a": 1}\n', "2 rows at least"),
    ],
)
def test_a_sample_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, body: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(PackagingRefused, match=words):
        read_sample(tmp_path / name)


def test_a_missing_converter_says_which_command_installs_it() -> None:
    with pytest.raises(PackagingRefused, match=r"pip install .*libs/slipway\[package-keras\]"):
        converter("a_package_that_nobody_has", "package-keras", "a Keras model")


def test_long_texts_and_large_tensors_are_explained_by_their_parts() -> None:
    fields = (Field("text", "text"), Field("image", "tensor", shape=(28, 28, 1)))
    text = "  " + " ".join(f"word{n}" for n in range(100)) + " \n"
    row = {"text": text, "image": torch.rand(28, 28, 1).tolist()}
    typical = {"text": "", "image": torch.zeros(28, 28, 1).tolist()}
    parts = parts_of(fields, row)
    assert len(parts) == 32 + 16
    assert len({part.key for part in parts}) == len(parts)
    own = dict.fromkeys((part.key for part in parts), True)
    assert mixed(parts, own, row, typical) == row
    assert mixed(parts, dict.fromkeys(own, False), row, typical) == typical
