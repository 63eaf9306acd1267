"""A loaded model: the steps from validated rows to answers, and who it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.model.artifact import Manifest
from slipway.model.capacity import UNMEASURED, Capacity
from slipway.model.families.base import Family, Inputs, Network, Scores
from slipway.model.prediction import Explanation, Prediction
from slipway.model.signature import Instance, Signature


@dataclass(frozen=True)
class Model:
    """One version, on one device. digest: of its manifest, in hex. Answers do not depend on batching."""

    manifest: Manifest
    digest: str
    signature: Signature
    metrics: Mapping[str, Any]
    lineage: Mapping[str, Any]
    family: Family
    network: Network
    device: str
    capacity: Capacity = UNMEASURED

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def version(self) -> str:
        return self.manifest.version

    def preprocess(self, instances: Sequence[Instance]) -> Inputs:
        return self.family.preprocess(instances)

    def forward(self, inputs: Inputs) -> Scores:
        return self.network(inputs)

    def postprocess(self, scores: Scores) -> list[Prediction]:
        return self.family.postprocess(scores)

    def predict(self, instances: Sequence[Instance]) -> list[Prediction]:
        """All three steps, for callers that time none of them."""
        if not instances:
            return []
        return self.postprocess(self.forward(self.preprocess(instances)))

    def explain(self, instances: Sequence[Instance]) -> list[Explanation]:
        """Of each validated instance, what its answer is made of."""
        return [self.family.explain(instance, self.network) for instance in instances]
