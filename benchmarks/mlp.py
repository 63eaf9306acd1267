"""A family for measuring: numbers, or a text folded into 512 counts, through a plain network."""

import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Self

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from slipway.model.families.base import FeatureValue, Inputs, Network, Scores
from slipway.model.families.text_classifier import softmax
from slipway.model.prediction import Explanation, Prediction
from slipway.model.signature import Instance, Signature
from slipway.model.torch_network import torch_network

ROW_SECONDS = 0.02


class MlpConfig(msgspec.Struct, frozen=True):
    """sizes: of the layers, the inputs first and the labels last."""

    sizes: tuple[int, ...]


class Mlp(torch.nn.Module):
    """(x (rows, inputs)) → logits (rows, labels)."""

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        layers: list[torch.nn.Module] = []
        for before, after in pairwise(sizes):
            layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
        self.layers = torch.nn.Sequential(*layers[:-1])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.layers(x)
        return logits


class MlpClassifier:
    """The family `bench-mlp`."""

    name: ClassVar[str] = "bench-mlp"

    def __init__(self, config: MlpConfig, signature: Signature) -> None:
        self.config = config
        self.labels = signature.output.labels
        self.fields = [field.name for field in signature.inputs]
        self.is_text = signature.inputs[0].type == "text"

    @classmethod
    def from_config(cls, config: bytes, signature: Signature) -> Self:
        return cls(msgspec.json.decode(config, type=MlpConfig), signature)

    def network(self, weights: Path, device: str) -> Network:
        return torch_network(lambda: Mlp(self.config.sizes), weights, device)

    def preprocess(self, instances: Sequence[Instance]) -> Inputs:
        if self.is_text:
            rows = [
                folded(instance[self.fields[0]], self.config.sizes[0]) for instance in instances
            ]
            return Inputs(len(rows), {"x": np.stack(rows)})
        numbers = [[instance[name] for name in self.fields] for instance in instances]
        return Inputs(len(numbers), {"x": np.array(numbers, dtype=np.float32)})

    def join(self, parts: Sequence[Inputs]) -> Inputs:
        return Inputs(
            sum(part.rows for part in parts),
            {"x": np.concatenate([part.arrays["x"] for part in parts])},
        )

    def postprocess(self, scores: Scores) -> list[Prediction]:
        answers = []
        for values in softmax(scores).tolist():
            best = max(range(len(values)), key=values.__getitem__)
            shares = dict(zip(self.labels, values, strict=True))
            answers.append(Prediction(self.labels[best], values[best], shares))
        return answers

    def monitored(self, instance: Instance, scores: Scores) -> dict[str, FeatureValue]:
        return {} if self.is_text else dict(instance)

    def unseen(self, instance: Instance) -> Sequence[str]:
        return ()

    def explain(self, instance: Instance, network: Network) -> Explanation:
        raise NotImplementedError


class SlowClassifier(MlpClassifier):
    """The family `bench-slow`: computes for 20 ms a row, whatever it is batched with."""

    name: ClassVar[str] = "bench-slow"

    def network(self, weights: Path, device: str) -> Network:
        quick = super().network(weights, device)
        square = torch.rand(128, 128)

        def forward(inputs: Inputs) -> Scores:
            end = time.perf_counter() + ROW_SECONDS * inputs.rows
            with torch.inference_mode():
                while time.perf_counter() < end:
                    torch.mm(square, square)
            return quick(inputs)

        return forward


def folded(text: str, size: int) -> NDArray[np.float32]:
    """How often each pair of bytes occurs, folded into `size` counts."""
    raw = np.frombuffer(text.encode(), dtype=np.uint8).astype(np.int64)
    pairs = (raw[:-1] * 31 + raw[1:]) % size
    return np.bincount(pairs, minlength=size).astype(np.float32)
