"""torch.export programs (.pt2) to ONNX. Reading one runs what is in it: only where the user trusts it."""

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
from slipway.model.packaging.onnx_graphs import FIXED_ROWS, scores_output, session_of
from slipway.model.packaging.torch_graphs import onnx_of
from slipway.model.packaging.wanted import Converted, Wanted
from slipway.model.signature import Field, Instance

UNTRUSTED = (
    "{file} is a torch.export program, and torch.export.load runs whatever code is in one. If you "
    "made it, or trust who did, say so with --trust-code. (The packaged model carries no code.)"
)
_DTYPES: dict[torch.dtype, DType] = {
    torch.float32: "float32",
    torch.float64: "float64",
    torch.int32: "int32",
    torch.int64: "int64",
}


def convert(path: Path, fields: Sequence[Field], wanted: Wanted) -> Converted:
    """Raises PackagingRefused, without consent before anything is read."""
    if not wanted.trust_code:
        raise PackagingRefused(UNTRUSTED.format(file=path))
    program: Any = torch.export.load(path)
    arguments = _arguments(program)
    settled, feeds = matched(arguments, fields)
    body = onnx_of(program)
    output = scores_output(session_of(body), wanted.output)
    module = program.module()
    order = [argument.name for argument in arguments]

    def original(instances: Sequence[Instance]) -> Scores:
        arrays = fed(feeds, instances)
        flat = [torch.from_numpy(arrays[name]) for name in order]
        args, kwargs = torch.utils._pytree.tree_unflatten(flat, program.call_spec.in_spec)
        with torch.no_grad():
            answer = module(*args, **kwargs)
        if not isinstance(answer, torch.Tensor):
            raise PackagingRefused(
                "The program gives several tensors, a model gives one of scores."
            )
        return np.asarray(answer.numpy())

    return Converted(
        "onnx", body, settled, feeds, original, output, made_with=("onnx", "onnxscript")
    )


def _arguments(program: Any) -> list[Argument]:
    given: list[str] = program.graph_signature.user_inputs
    nodes = {node.name: node for node in program.graph.nodes if node.op == "placeholder"}
    found: list[Argument] = []
    for name in given:
        example = nodes[name].meta.get("val") if name in nodes else None
        if not isinstance(example, torch.Tensor) or example.dtype not in _DTYPES:
            raise PackagingRefused(f"The program's input {name!r} is no tensor of numbers.")
        if not example.shape or not isinstance(example.shape[0], torch.SymInt):
            raise PackagingRefused(FIXED_ROWS.format(name=name, shape=list(example.shape)))
        shape = tuple(size if isinstance(size, int) else None for size in example.shape[1:])
        found.append(Argument(name, _DTYPES[example.dtype], shape))
    return found
