"""A model described in the protocol's words."""

from typing import Any

from predictor.inference_protocol.rows import datatype_of
from slipway.model.runtime import Model
from slipway.model.signature import Output

EXTENSIONS = ("binary_tensor_data", "classification", "model_repository")


def describe(model: Model, versions: list[str]) -> dict[str, Any]:
    """Its inputs, a tensor for each field, and its outputs. -1: as many rows as are sent."""
    return {
        "name": model.name,
        "versions": versions,
        "platform": "onnx" if model.manifest.format == "onnx" else "pytorch",
        "inputs": [
            {"name": field.name, "datatype": datatype_of(field), "shape": [-1, *field.shape]}
            for field in model.signature.inputs
        ],
        "outputs": _outputs(model.signature.output),
    }


def _outputs(output: Output) -> list[dict[str, Any]]:
    if output.kind == "regression":
        return [{"name": "prediction", "datatype": "FP64", "shape": [-1]}]
    return [
        {"name": "prediction", "datatype": "BYTES", "shape": [-1]},
        {"name": "confidence", "datatype": "FP64", "shape": [-1]},
        {"name": "probabilities", "datatype": "FP64", "shape": [-1, len(output.labels)]},
    ]
