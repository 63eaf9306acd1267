"""Columns to rows and back: the protocol has a tensor for each field, a model takes instances."""

import math
import re
from collections.abc import Sequence
from typing import Any

from predictor.inference_protocol.infer_request import InferRequest
from predictor.inference_protocol.tensors import FLOATS, INTEGERS, Tensor, refuse
from slipway.core.errors import InvalidInput, Problem, TooLarge, first_of
from slipway.core.strict_json import printable
from slipway.model.prediction import Prediction
from slipway.model.signature import Field, Instance, Output, Signature
from slipway.model.validation import checked_instances

_ROW = re.compile(r"instances\[(\d+)\]\.(.+)")


def instances_of(request: InferRequest, signature: Signature, limit: int) -> list[Instance]:
    """The rows of a request, validated; none where the first dimension is 0.

    Raises InvalidInput that names the tensor, with the row as `age[3]`, or TooLarge.
    """
    known = {field.name for field in signature.inputs}
    if unknown := [name for name in request.inputs if name not in known]:
        raise refuse(printable(unknown[0]), "is not an input of this model")
    columns = {
        field.name: _column(field, request.inputs[field.name])
        for field in signature.inputs
        if field.name in request.inputs
    }
    rows = _row_count(request, signature)
    if rows > limit:
        raise TooLarge(f"A request may have {limit} instances, this one has {rows}.")
    values = [
        {name: column[row] for name, column in columns.items() if column[row] is not None}
        for row in range(rows)
    ]
    try:
        return checked_instances(signature, values)
    except InvalidInput as wrong:
        raise _by_tensor(wrong) from None


def _row_count(request: InferRequest, signature: Signature) -> int:
    sizes = {tensor.shape[0] for tensor in request.inputs.values()}
    if not sizes:
        first = signature.inputs[0].name
        raise refuse(first, "is required")
    if len(sizes) > 1:
        raise InvalidInput(f"The inputs differ in their first dimension: {sorted(sizes)}.")
    return sizes.pop()


def _column(field: Field, tensor: Tensor) -> list[Any]:
    """A field's values; None where a row has none. NaN, or an empty text, is none where a row may."""
    if not accepts(field, tensor.datatype):
        raise refuse(field.name, f"is {tensor.datatype}, the model takes {datatype_of(field)}")
    if field.type == "tensor":
        return _tensors(field, tensor)
    if len(tensor.shape) not in (1, 2) or tensor.shape[1:] not in ((), (1,)):
        shape = list(tensor.shape)
        raise refuse(field.name, f"has the shape {shape}, the model takes [rows] or [rows, 1]")
    for row, value in enumerate(tensor.values):
        if isinstance(value, float) and (
            math.isinf(value) or (math.isnan(value) and field.required)
        ):
            raise refuse(f"{field.name}[{row}]", "must be a finite number")
    if field.required:
        return tensor.values
    return [None if value == "" or value != value else value for value in tensor.values]  # noqa: PLR0124


def _tensors(field: Field, tensor: Tensor) -> list[Any]:
    """Of each row its numbers, nested as the field's shape."""
    if tensor.shape[1:] != field.shape:
        wanted = ", ".join(map(str, ("rows", *field.shape)))
        raise refuse(field.name, f"has the shape {list(tensor.shape)}, the model takes [{wanted}]")
    for index, value in enumerate(tensor.values):
        if isinstance(value, float) and not math.isfinite(value):
            raise refuse(f"{field.name}[{index // field.elements}]", "must be finite numbers")
    nested = tensor.values
    for size in reversed(field.shape):
        nested = [nested[start : start + size] for start in range(0, len(nested), size)]
    return nested


def datatype_of(field: Field) -> str:
    """What the model's description says that a field is."""
    return {"number": "FP64", "integer": "INT64", "tensor": "FP32"}.get(field.type, "BYTES")


def accepts(field: Field, datatype: str) -> bool:
    """A number may come in any width, since validation looks at the value."""
    if field.type in ("text", "category"):
        return datatype == "BYTES"
    return datatype in INTEGERS or datatype in FLOATS


def _by_tensor(wrong: InvalidInput) -> InvalidInput:
    """Problems of rows, told as problems of tensors."""
    problems = tuple(Problem(_ROW.sub(r"\2[\1]", p.field), p.problem) for p in wrong.problems)
    message = first_of(problems, f"Input '{problems[0].field}'")
    return InvalidInput(message, problems=problems)


def tensors_of(predictions: Sequence[Prediction], output: Output) -> list[Tensor]:
    """Predictions as the model's outputs, a row each."""
    rows = len(predictions)
    labels = [prediction.prediction for prediction in predictions]
    if output.kind == "classification":
        shares = [list((prediction.probabilities or {}).values()) for prediction in predictions]
        flat = [share for row in shares for share in row]
        confidence = [prediction.confidence for prediction in predictions]
        return [
            Tensor("prediction", "BYTES", (rows,), labels),
            Tensor("confidence", "FP64", (rows,), confidence),
            Tensor("probabilities", "FP64", (rows, len(output.labels)), flat),
        ]
    tensors = [Tensor("prediction", "FP64", (rows,), labels)]
    bounds = [bound for p in predictions if p.interval is not None for bound in p.interval]
    if rows and len(bounds) == 2 * rows:
        tensors.append(Tensor("interval", "FP64", (rows, 2), bounds))
    return tensors


def likeliest(tensor: Tensor, labels: Sequence[str], count: int) -> Tensor:
    """The classification extension: of each row the likeliest classes, as `share:index:label`."""
    width, count = len(labels), min(count, len(labels))
    found: list[str] = []
    for row in range(tensor.shape[0]):
        shares = tensor.values[row * width : (row + 1) * width]
        order = sorted(range(width), key=lambda index: -shares[index])[:count]
        found += [f"{shares[index]:.6f}:{index}:{labels[index]}" for index in order]
    return Tensor(tensor.name, "BYTES", (tensor.shape[0], count), found)
