"""The `text-classifier` family as `train` sees it: fit some rows, score others."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from slipway.core.errors import RecipeInvalid
from slipway.model.families.base import Scores
from slipway.model.families.text_classifier import (
    TextClassifier,
    TextClassifierConfig,
    join_bags,
)
from slipway.model.families.text_features import NgramOptions
from slipway.model.signature import Signature
from slipway.model.training.fit_text import (
    Fitted,
    Progress,
    Start,
    TextTrainingOptions,
    fit_text_classifier,
)
from slipway.model.training.readers import Rows
from slipway.model.training.recipe import Recipe


class TextHyperparameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[hyperparameters] of a text-classifier recipe."""

    ngrams: NgramOptions = NgramOptions()
    dimensions: int = 8
    training: TextTrainingOptions = TextTrainingOptions()


class TextTrainer:
    """Holds the rows of one training as bags, computed once."""

    def __init__(self, recipe: Recipe, signature: Signature, rows: Rows) -> None:
        try:
            chosen = msgspec.convert(recipe.hyperparameters, TextHyperparameters)
        except ValueError as wrong:
            raise RecipeInvalid(f"hyperparameters: {wrong}") from None
        self.config = TextClassifierConfig(chosen.ngrams, chosen.dimensions)
        self.family = TextClassifier(self.config, signature)
        self._options = chosen.training
        self._bags = [self.family.bag(row[self.family.field]) for row in rows.instances]
        place = {label: index for index, label in enumerate(self.family.labels)}
        self._truth = np.array([place[label] for label in rows.labels], dtype=np.int64)

    @property
    def truth(self) -> NDArray[np.int64]:
        """The label's index of each row, shape (rows,)."""
        return self._truth

    def hyperparameters(self) -> dict[str, Any]:
        """What was used, defaults included."""
        used = TextHyperparameters(self.config.ngrams, self.config.dimensions, self._options)
        found: dict[str, Any] = msgspec.to_builtins(used)
        return found

    def fit(
        self, rows: NDArray[np.int64], seed: int, progress: Progress, start: Start | None = None
    ) -> Fitted:
        bags = [self._bags[row] for row in rows]
        return fit_text_classifier(
            self.family,
            bags,
            self._truth[rows],
            self._options,
            seed=seed,
            progress=progress,
            start=start,
        )

    def scores(self, fitted: Fitted, rows: Sequence[int] | NDArray[np.int64]) -> Scores:
        """Logits of shape (rows, labels)."""
        network = self.family.build()
        network.load_state_dict(fitted.state)
        inputs = join_bags([self._bags[row] for row in rows])
        with torch.inference_mode():
            arrays = {name: torch.from_numpy(array) for name, array in inputs.arrays.items()}
            return np.asarray(network.eval()(**arrays).numpy())
