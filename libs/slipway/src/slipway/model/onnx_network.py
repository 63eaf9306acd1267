"""An ONNX graph behind the Network interface. Only this module, on the serving path, knows onnxruntime."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from slipway.core.errors import ArtifactRefused
from slipway.model.families.base import Inputs, Network, Scores

_DOMAINS_NOTE = "operators of a library of its own, and weights in other files, are not taken"


def onnx_network(weights: Path, device: str, output: str) -> Network:
    """The graph as a function. It computes with as many threads as torch may use in this process.

    No library of operators is registered, so that a graph which needs one is refused; so is one
    whose weights lie in other files, since a version has none. On a CUDA device only where the
    installed onnxruntime has one. Raises ArtifactRefused.
    """
    session = _session(weights, device)
    if output not in [found.name for found in session.get_outputs()]:
        raise ArtifactRefused(weights.name, f"has no output {output!r}")
    names = [found.name for found in session.get_inputs()]

    def forward(inputs: Inputs) -> Scores:
        arrays = {name: inputs.arrays[name] for name in names}
        scores = np.asarray(session.run([output], arrays)[0])
        if len(scores) != inputs.rows:
            raise ValueError(f"{inputs.rows} rows were answered with {len(scores)}")
        return scores.reshape(inputs.rows, -1)

    return forward


def _session(weights: Path, device: str) -> Any:
    try:
        import onnxruntime
    except ImportError:
        reason = "needs onnxruntime, which is not installed here"
        raise ArtifactRefused(weights.name, reason) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    providers = ["CPUExecutionProvider"]
    if (
        device.startswith("cuda")
        and "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    ):
        number = device.partition(":")[2] or "0"
        providers.insert(0, ("CUDAExecutionProvider", {"device_id": number}))  # type: ignore[arg-type]
    try:
        return onnxruntime.InferenceSession(str(weights), options, providers=providers)
    # onnxruntime has a class for each of its codes, with no other root than Exception.
    except Exception as wrong:  # noqa: BLE001
        reason = f"onnxruntime does not take it ({wrong}); {_DOMAINS_NOTE}"
        raise ArtifactRefused(weights.name, reason) from None
