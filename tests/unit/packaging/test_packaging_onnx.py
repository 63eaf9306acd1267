"""Graphs that are refused when they are packaged or loaded, and how a graph's inputs are fed."""

import json
from pathlib import Path
from typing import Any

import pytest

from slipway.core.errors import ArtifactRefused
from slipway.model.artifact import make_manifest, write
from slipway.model.loading import load
from slipway.model.packaging.packaging import package_file
from slipway.model.packaging.samples import sample_of
from support.packaging import NOW, ROWS, SAMPLE, WANTED, refusal
from support.parts import needed


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
