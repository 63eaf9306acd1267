"""What torch can trace, as ONNX."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from slipway.core.errors import PackagingRefused
from slipway.model.packaging.wanted import converter


def onnx_of(model: Any, args: tuple[torch.Tensor, ...] | None = None, **options: Any) -> bytes:
    """model: an exported program, or a module with example arguments. Raises PackagingRefused."""
    converter("onnxscript", "package-torch", "a torch model as ONNX")
    try:
        with _quiet():
            program: Any = torch.onnx.export(
                model,
                args if args is not None else (),
                dynamo=True,
                external_data=False,
                verbose=False,
                **options,
            )
    # Whatever the exporter stumbles over, the user can do something about it.
    except Exception as wrong:  # noqa: BLE001
        reason = str(wrong).strip().partition("\n")[0][:300]
        raise PackagingRefused(f"torch cannot convert the model to ONNX: {reason}") from None
    body: bytes = program.model_proto.SerializeToString()
    return body


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter warns of optional packages that it would have liked to see."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
