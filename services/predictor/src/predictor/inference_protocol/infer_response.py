"""A model's tensors as the body of an answer: those that were asked for, as JSON or as bytes."""

from collections.abc import Sequence
from typing import Any

import msgspec

from predictor.inference_protocol.binary import bytes_of
from predictor.inference_protocol.infer_request import InferRequest, WantedOutput
from predictor.inference_protocol.rows import likeliest
from predictor.inference_protocol.tensors import Tensor
from slipway.core.errors import InvalidInput
from slipway.core.strict_json import printable


def chosen_outputs(
    request: InferRequest, tensors: Sequence[Tensor], labels: Sequence[str]
) -> list[tuple[Tensor, bool]]:
    """The outputs in the order in which they were asked for, each with whether it goes as bytes.

    Raises InvalidInput for one that the model has not.
    """
    by_name = {tensor.name: tensor for tensor in tensors}
    wanted = request.outputs or tuple(WantedOutput(name) for name in by_name)
    chosen = []
    for output in wanted:
        if output.name not in by_name:
            names = ", ".join(by_name)
            raise InvalidInput(
                f"There is no output '{printable(output.name)}'; the model gives {names}."
            )
        tensor = by_name[output.name]
        if output.classes:
            tensor = _classes(tensor, labels, output.classes)
        chosen.append((tensor, request.binary_outputs if output.binary is None else output.binary))
    return chosen


def _classes(tensor: Tensor, labels: Sequence[str], count: int) -> Tensor:
    if tensor.name != "probabilities":
        raise InvalidInput(f"Output '{tensor.name}' has no classes; 'probabilities' has.")
    return likeliest(tensor, labels, count)


def encode(
    head: dict[str, Any], outputs: Sequence[tuple[Tensor, bool]]
) -> tuple[bytes, int | None]:
    """The body, and how much of it is JSON where bytes follow. head: what stands beside `outputs`."""
    described, pieces = [], []
    for tensor, binary in outputs:
        entry: dict[str, Any] = {
            "name": tensor.name,
            "datatype": tensor.datatype,
            "shape": tensor.shape,
        }
        if binary:
            piece = bytes_of(tensor.datatype, tensor.values)
            pieces.append(piece)
            entry["parameters"] = {"binary_data_size": len(piece)}
        else:
            entry["data"] = tensor.values
        described.append(entry)
    front = msgspec.json.encode({**head, "outputs": described})
    if not pieces:
        return front, None
    return b"".join([front, *pieces]), len(front)
