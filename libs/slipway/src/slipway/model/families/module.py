"""The family `module`: a team's own torch.nn.Module, whose class is installed beside us and allowed.

Without a `preprocess` of its own the module's forward takes the fields as the configuration says.
With one, `Class.preprocess(instances)` makes forward's arguments, by name, of a list of rows.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import msgspec
import numpy as np
import torch

from slipway.model.families.base import Inputs, Network
from slipway.model.families.imported import Imported
from slipway.model.families.imported_config import ModuleConfig
from slipway.model.module_classes import module_class
from slipway.model.signature import Instance, Signature
from slipway.model.torch_network import torch_network


class Module(Imported):
    """Computes with the class that its configuration names."""

    name: ClassVar[str] = "module"

    def __init__(
        self, config: ModuleConfig, signature: Signature, packages: Collection[str]
    ) -> None:
        super().__init__(config, signature)
        self._arguments = config.arguments
        self._class = module_class(config.module_class, packages)
        self._preprocess = getattr(self._class, "preprocess", None)
        if bool(config.feeds) == bool(self._preprocess):
            raise ValueError("either the class or the configuration makes the module's arguments")

    @classmethod
    def from_config(cls, config: bytes, signature: Signature, packages: Collection[str]) -> Self:
        """packages: whose classes may be used. Raises ValueError for another one's, before any
        import, and for a config of another family."""
        return cls(msgspec.json.decode(config, type=ModuleConfig), signature, packages)

    def build(self) -> torch.nn.Module:
        return self._class(**self._arguments)

    def network(self, weights: Path, device: str) -> Network:
        return torch_network(self.build, weights, device)

    def preprocess(self, instances: Sequence[Instance]) -> Inputs:
        if self._preprocess is None:
            return super().preprocess(instances)
        made: Mapping[str, Any] = self._preprocess(instances)
        return Inputs(len(instances), {name: np.asarray(made[name]) for name in made})
