"""A model without a network: it answers at once, or when a test says so."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from slipway.model.artifact import Manifest
from slipway.model.families.base import FeatureValue, Inputs, Network, Scores
from slipway.model.prediction import Contribution, Explanation, Prediction
from slipway.model.runtime import Model
from slipway.model.signature import Field, Instance, Output, Signature

TEXT = Signature(
    inputs=(Field("message", "text", min_length=1, max_length=1000, example="Win a phone"),),
    output=Output("classification", labels=("not_spam", "spam")),
)
TABLE = Signature(
    inputs=(
        Field("age", "integer", minimum=0, maximum=120, example=41),
        Field("hours", "number", minimum=0, required=False, example=37.5),
        Field("work", "category", allowed=("private", "public"), example="public"),
        Field("town", "category", required=False),
    ),
    output=Output("regression", unit="US dollars"),
)


@dataclass
class FakeFamily:
    """Says `spam` of what holds "win", or half of a row's length as a number.

    open: the forward waits while it is not set. forwards: how many there were.
    """

    name: ClassVar[str] = "fake"
    signature: Signature
    open: threading.Event = field(default_factory=threading.Event)
    forwards: int = 0

    def __post_init__(self) -> None:
        self.open.set()

    def network(self, weights: Path, device: str) -> Network:
        return self.forward

    def forward(self, inputs: Inputs) -> Scores:
        self.forwards += 1
        assert self.open.wait(30)
        return inputs.arrays["scores"].astype(np.float32)

    def preprocess(self, instances: Sequence[Instance]) -> Inputs:
        scores = [0.9 if "win" in str(row).lower() else 0.2 for row in instances]
        return Inputs(len(instances), {"scores": np.array(scores)})

    def join(self, parts: Sequence[Inputs]) -> Inputs:
        scores = np.concatenate([part.arrays["scores"] for part in parts])
        return Inputs(len(scores), {"scores": scores})

    def postprocess(self, scores: Scores) -> list[Prediction]:
        return [self._answer(float(score)) for score in scores]

    def _answer(self, score: float) -> Prediction:
        if self.signature.output.kind == "regression":
            return Prediction(100 * score, interval=(90 * score, 110 * score))
        other, likely = self.signature.output.labels
        label = likely if score > 0.5 else other
        return Prediction(label, max(score, 1 - score), {other: 1 - score, likely: score})

    def explain(self, instance: Instance, network: Network) -> Explanation:
        """All of it comes from the first field."""
        score = float(network(self.preprocess([instance]))[0])
        first = self.signature.inputs[0].name
        part = Contribution(first, score - 0.2, value=str(instance[first]))
        return Explanation("fake", 0.2, score, (part,))

    def unseen(self, instance: Instance) -> Sequence[str]:
        return ()

    def monitored(self, instance: Instance, scores: Scores) -> dict[str, FeatureValue]:
        return {}


def fake_model(
    name: str = "spam", version: str = "1.0.0", signature: Signature = TEXT, **parts: Any
) -> Model:
    """A loaded version over a FakeFamily."""
    family = FakeFamily(signature)
    manifest = Manifest(
        name, version, "fake", "safetensors", "2026-11-23T00:00:00+00:00", "test", {}, 1
    )
    return Model(manifest, "0" * 64, signature, {}, {}, family, family.forward, "cpu")
