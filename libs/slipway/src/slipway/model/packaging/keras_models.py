"""Keras models (.keras, and the older .h5) to ONNX, by way of Keras's torch backend: no TensorFlow."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from slipway.core.errors import PackagingRefused
from slipway.model.families.base import Scores
from slipway.model.families.feeding import fed
from slipway.model.families.imported_config import DType
from slipway.model.packaging.matching import Argument, matched
from slipway.model.packaging.torch_graphs import onnx_of
from slipway.model.packaging.wanted import Converted, ScoreKind, Wanted, converter
from slipway.model.signature import Field, Instance

OUTPUT = "scores"
_DTYPES: dict[str, DType] = {
    "float32": "float32",
    "float64": "float64",
    "int32": "int32",
    "int64": "int64",
}
_SCORES: dict[str, ScoreKind] = {
    "softmax": "probabilities",
    "sigmoid": "probabilities",
    "linear": "logits",
}


def convert(path: Path, fields: Sequence[Field], wanted: Wanted) -> Converted:
    """Raises PackagingRefused."""
    return convert_model(read(path), fields, wanted)


def read(path: Path) -> Any:
    """With safe mode on: a model that carries code, such as a Lambda layer, is refused."""
    # Keras takes its backend from nowhere else, at its import.
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = converter("keras", "package-keras", "a Keras model")
    if path.suffix != ".keras":
        converter("h5py", "package-keras", "a Keras model of the older format")
    if keras.backend.backend() != "torch":
        raise PackagingRefused("Keras is set to another backend: run with KERAS_BACKEND=torch.")
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    # Keras raises errors of many kinds for what it does not know.
    except Exception as wrong:  # noqa: BLE001
        reason = str(wrong).strip().partition("\n")[0][:300]
        raise PackagingRefused(
            f"Keras does not read {path} (with safe mode on): {reason}"
        ) from None


def convert_model(model: Any, fields: Sequence[Field], wanted: Wanted) -> Converted:
    if len(model.outputs) != 1:
        raise PackagingRefused(f"The Keras model has {len(model.outputs)} outputs, not one.")
    settled, feeds = matched([_argument(given) for given in model.inputs], fields)
    order = [given.name for given in model.inputs]
    arrays = {feed.argument: (feed.dtype, feed.shape) for feed in feeds}
    examples = tuple(
        torch.zeros((2, *arrays[name][1]), dtype=getattr(torch, arrays[name][0])) for name in order
    )
    rows = torch.export.Dim("rows")
    body = onnx_of(
        _Called(model).eval(),
        examples,
        input_names=order,
        output_names=[OUTPUT],
        dynamic_shapes=(tuple({0: rows} for _ in order),),
    )

    def original(instances: Sequence[Instance]) -> Scores:
        given = fed(feeds, instances)
        with torch.no_grad():
            answer = model(_one_or_all([torch.from_numpy(given[name]) for name in order]))
        return np.asarray(answer.detach().cpu().numpy())

    activation = getattr(model.layers[-1], "activation", None)
    scores = _SCORES.get(getattr(activation, "__name__", ""))
    made_with = ("keras", "onnx", "onnxscript")
    return Converted(
        "onnx", body, settled, feeds, original, OUTPUT, scores=scores, made_with=made_with
    )


class _Called(torch.nn.Module):
    """A Keras model as torch calls it: one argument after the other."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, *tensors: torch.Tensor) -> Any:
        return self.model(_one_or_all(list(tensors)))


def _one_or_all(tensors: list[torch.Tensor]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


def _argument(given: Any) -> Argument:
    if given.dtype not in _DTYPES:
        raise PackagingRefused(f"The Keras model's input {given.name!r} is {given.dtype}.")
    return Argument(given.name, _DTYPES[given.dtype], tuple(given.shape[1:]))
