"""What the families `module` and `onnx` share: everything around a network that we did not make."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from slipway.core.errors import InvalidInput
from slipway.model.families.base import FeatureValue, Inputs, Network, Scores
from slipway.model.families.explained_parts import (
    MOST_NUMBERS,
    block_name,
    contribution,
    mixed,
    parts_of,
)
from slipway.model.families.feeding import fed
from slipway.model.families.imported_config import ImportedConfig
from slipway.model.families.probabilities import answer, softmax
from slipway.model.families.shapley import Floats, shapley_values
from slipway.model.families.tabular import UNSEEN
from slipway.model.families.text_summary import summary
from slipway.model.prediction import Explanation, Prediction
from slipway.model.signature import Field, Instance, Signature


class Imported:
    """Rows to answers, once a subclass has the network."""

    def __init__(self, config: ImportedConfig, signature: Signature) -> None:
        known = {field.name for field in signature.inputs}
        used = {name for feed in config.feeds for name in feed.fields}
        if (
            not used <= known
            or config.typical.keys() != known
            or not config.categories.keys() <= known
        ):
            raise ValueError("the configuration and the signature name other fields")
        if (config.scores == "number") != (signature.output.kind == "regression"):
            raise ValueError("the configuration and the signature give other outputs")
        self.fields = signature.inputs
        self.labels = signature.output.labels
        self._imported = config
        self._seen = {name: frozenset(values) for name, values in config.categories.items()}

    def network(self, weights: Path, device: str) -> Network:
        raise NotImplementedError

    def preprocess(self, instances: Sequence[Instance]) -> Inputs:
        return Inputs(len(instances), fed(self._imported.feeds, instances))

    def join(self, parts: Sequence[Inputs]) -> Inputs:
        if len(parts) == 1:
            return parts[0]
        names = parts[0].arrays
        joined = {name: np.concatenate([part.arrays[name] for part in parts]) for name in names}
        return Inputs(sum(part.rows for part in parts), joined)

    def postprocess(self, scores: Scores) -> list[Prediction]:
        """Raises InvalidInput for a row whose answer is not finite: its numbers were too large."""
        meanings = self.meanings(scores)
        if not np.isfinite(meanings).all():
            raise InvalidInput("The model's answer is not finite: are the numbers in its range?")
        if self._imported.scores == "number":
            return [Prediction(number) for number in meanings[:, 0].tolist()]
        return [answer(self.labels, row) for row in meanings.tolist()]

    def meanings(self, scores: Scores) -> Floats:
        """Probabilities, shape (rows, labels), or numbers, shape (rows, 1); in double precision."""
        found = scores.astype(np.float64).reshape(len(scores), -1)
        if self._imported.scores == "number":
            return found
        logits = self._imported.scores == "logits"
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused later
            if found.shape[1] == 1:  # of two labels: of the second
                second = 1 / (1 + np.exp(-found)) if logits else found
                return np.concatenate((1 - second, second), axis=1)
            return softmax(found) if logits else found / found.sum(axis=1, keepdims=True)

    def monitored(self, instance: Instance, scores: Scores) -> dict[str, FeatureValue]:
        """Numbers and categories as they are, of texts and larger tensors only a few figures."""
        found: dict[str, FeatureValue] = {}
        for field in self.fields:
            found |= self._watched(field, instance[field.name])
        return found

    def _watched(self, field: Field, value: Any) -> dict[str, FeatureValue]:
        if field.type == "text":
            return {f"{field.name}.{k}": v for k, v in summary(value or "").items()}
        if field.type == "tensor":
            return _watched_tensor(field, np.asarray(value, dtype=np.float64))
        return {field.name: UNSEEN if self._is_unseen(field.name, value) else value}

    def unseen(self, instance: Instance) -> Sequence[str]:
        return [name for name in self._seen if self._is_unseen(name, instance[name])]

    def _is_unseen(self, name: str, value: object) -> bool:
        return value is not None and name in self._seen and value not in self._seen[name]

    def explain(self, instance: Instance, network: Network) -> Explanation:
        """What each field, word or block of numbers adds to the answer's probability, or to the number."""
        answered = self.meanings(network(self.preprocess([instance])))[0]
        output = int(answered.argmax()) if self.labels else 0
        typical = self._imported.typical
        parts = parts_of(self.fields, instance)

        def scores(rows: Sequence[Instance]) -> Floats:
            mixtures = [mixed(parts, row, instance, typical) for row in rows]
            return self.meanings(network(self.preprocess(mixtures)))[:, output]

        own = dict.fromkeys((part.key for part in parts), True)
        values, base, score, method = shapley_values(own, dict.fromkeys(own, False), scores)
        each = zip(parts, values.tolist(), strict=True)
        label = self.labels[output] if self.labels else None
        contributions = tuple(contribution(part, instance, added) for part, added in each)
        return Explanation(method, base, score, contributions, label)


def _watched_tensor(field: Field, numbers: Floats) -> dict[str, FeatureValue]:
    if numbers.size <= MOST_NUMBERS:
        return {
            block_name(field, [slice(at, at + 1) for at in place]): float(numbers[place])
            for place in np.ndindex(*numbers.shape)
        }
    return {
        f"{field.name}.mean": float(numbers.mean()),
        f"{field.name}.deviation": float(numbers.std()),
        f"{field.name}.minimum": float(numbers.min()),
        f"{field.name}.maximum": float(numbers.max()),
    }
