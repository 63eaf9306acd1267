"""The family `onnx`: whatever was converted to ONNX when it was packaged."""

from pathlib import Path
from typing import ClassVar, Self

import msgspec

from slipway.model.families.base import Network
from slipway.model.families.imported import Imported
from slipway.model.families.imported_config import OnnxConfig
from slipway.model.onnx_network import onnx_network
from slipway.model.signature import Signature


class Onnx(Imported):
    """Computes with onnxruntime."""

    name: ClassVar[str] = "onnx"

    def __init__(self, config: OnnxConfig, signature: Signature) -> None:
        super().__init__(config, signature)
        self._output = config.output

    @classmethod
    def from_config(cls, config: bytes, signature: Signature) -> Self:
        """Raises ValueError for a config of another family or with unknown options."""
        return cls(msgspec.json.decode(config, type=OnnxConfig), signature)

    def network(self, weights: Path, device: str) -> Network:
        return onnx_network(weights, device, self._output)
