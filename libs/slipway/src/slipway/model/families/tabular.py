"""Rows of numbers and categories into a label or a number: the two tabular families.

They compute in double precision: the networks are small, and a price of hundreds of thousands
must be the same alone and in a batch.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

import msgspec
import numpy as np
import torch

from slipway.model.families.base import FeatureValue, Inputs, Network, NotANumber, Scores
from slipway.model.families.probabilities import labelled, softmax
from slipway.model.families.shapley import Floats, shapley_values
from slipway.model.families.tabular_config import TabularConfig, Target
from slipway.model.families.tabular_features import TabularFeatures
from slipway.model.families.tabular_network import (
    AgreedNumbers,
    AgreedProbabilities,
    TabularNetwork,
)
from slipway.model.prediction import Contribution, Explanation, Prediction
from slipway.model.signature import Instance, Signature
from slipway.model.torch_network import torch_network

# The categories that training never saw, in what is monitored.
UNSEEN = "(unseen)"
# A regression's outputs: the number, and the ends of its interval.
REGRESSION_OUTPUTS = 3


class Tabular:
    """What both families share."""

    precision: ClassVar[torch.dtype | None] = torch.float64

    def __init__(self, config: TabularConfig, signature: Signature) -> None:
        if any(field.type == "text" for field in signature.inputs):
            raise ValueError("a tabular model takes numbers and categories, no texts")
        known = {field.name for field in signature.inputs}
        used = {name for column in config.numbers for name in column.of}
        used |= {column.name for column in config.categories}
        if not used <= known or config.typical.keys() != known:
            raise ValueError("the configuration and the signature name other fields")
        self.config = config
        self.signature = signature
        self._features = TabularFeatures(config)
        self._categories = {column.name for column in config.categories}

    @classmethod
    def from_config(cls, config: bytes, signature: Signature) -> Self:
        """Raises ValueError for a config of another family or with unknown options."""
        return cls(msgspec.json.decode(config, type=TabularConfig), signature)

    def build(self) -> TabularNetwork:
        """The module that answers, with no weights of use yet."""
        raise NotImplementedError

    def network(self, weights: Path, device: str) -> Network:
        return torch_network(self.build, weights, device, self.precision)

    def preprocess(self, instances: Sequence[Instance]) -> Inputs:
        return Inputs(len(instances), self._features.arrays(instances))

    def join(self, parts: Sequence[Inputs]) -> Inputs:
        if len(parts) == 1:
            return parts[0]
        names = parts[0].arrays
        joined = {name: np.concatenate([part.arrays[name] for part in parts]) for name in names}
        return Inputs(sum(part.rows for part in parts), joined)

    def monitored(self, instance: Instance, scores: Scores) -> dict[str, FeatureValue]:
        """The fields as they are; a category that training never saw only as such."""
        unseen = self._features.unseen(instance)
        return {name: UNSEEN if name in unseen else value for name, value in instance.items()}

    def unseen(self, instance: Instance) -> Sequence[str]:
        return self._features.unseen(instance)

    def _explanation(
        self, instance: Instance, network: Network, output: int, label: str | None
    ) -> Explanation:
        def scores(rows: Sequence[Instance]) -> Floats:
            return self.meanings(network(self.preprocess(rows)))[:, output]

        typical = self.config.typical
        values, base, score, method = shapley_values(instance, typical, scores)
        parts = (
            Contribution(name, float(added), value=instance[name])
            for name, added in zip(instance, values, strict=True)
        )
        return Explanation(method, base, score, tuple(parts), label)

    def meanings(self, scores: Scores) -> Floats:
        """What explanations explain: probabilities, or numbers in the target's unit."""
        raise NotImplementedError


class TabularClassifier(Tabular):
    """The family `tabular-classifier`: fields in, one of the labels out."""

    name: ClassVar[str] = "tabular-classifier"

    def __init__(self, config: TabularConfig, signature: Signature) -> None:
        super().__init__(config, signature)
        if not signature.output.labels:
            raise ValueError("a classifier has labels")
        self.labels = signature.output.labels

    def build(self) -> AgreedProbabilities:
        return AgreedProbabilities(self.config, len(self.labels))

    def postprocess(self, scores: Scores) -> list[Prediction]:
        return labelled(self.labels, scores)

    def meanings(self, scores: Scores) -> Floats:
        return softmax(scores)

    def explain(self, instance: Instance, network: Network) -> Explanation:
        """What each field adds to the probability of the label that is answered."""
        answered = int(network(self.preprocess([instance]))[0].argmax())
        return self._explanation(instance, network, answered, self.labels[answered])


class TabularRegressor(Tabular):
    """The family `tabular-regressor`: fields in, a number with its unit and an interval out."""

    name: ClassVar[str] = "tabular-regressor"

    def __init__(self, config: TabularConfig, signature: Signature) -> None:
        super().__init__(config, signature)
        if config.target is None or signature.output.kind != "regression":
            raise ValueError("a regressor needs a target and a signature with a number")
        self.target: Target = config.target

    def build(self) -> AgreedNumbers:
        return AgreedNumbers(self.config, REGRESSION_OUTPUTS)

    def meanings(self, scores: Scores) -> Floats:
        """(number, low, high) in the target's unit, uncalibrated; shape (rows, 3)."""
        return scores.astype(np.float64) * self.target.scale + self.target.centre

    def postprocess(self, scores: Scores) -> list[Prediction]:
        answers = self.calibrated(self.meanings(scores))
        if not np.isfinite(answers).all():
            raise NotANumber
        return [Prediction(number, interval=(low, high)) for number, low, high in answers.tolist()]

    def calibrated(self, meanings: Floats) -> Floats:
        """With intervals that cover as promised and hold the number itself."""
        number, margin = meanings[:, 0], self.target.margin
        low = np.minimum(meanings[:, 1] - margin, number)
        high = np.maximum(meanings[:, 2] + margin, number)
        return np.stack([number, low, high], axis=1)

    def explain(self, instance: Instance, network: Network) -> Explanation:
        """What each field adds to the number, from a typical row's on."""
        return self._explanation(instance, network, 0, None)
