"""The `text-classifier` family as `train` sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import msgspec
import numpy as np

from slipway.core.errors import RecipeInvalid
from slipway.model.families.base import FeatureValue
from slipway.model.families.probabilities import softmax
from slipway.model.families.text_classifier import (
    EMBEDDING_LENGTH,
    UNKNOWN_WORDS,
    Bag,
    TextClassifier,
    TextClassifierConfig,
    join_bags,
)
from slipway.model.families.text_features import NgramOptions
from slipway.model.families.text_rarity import rarity_of
from slipway.model.families.text_summary import summary
from slipway.model.families.text_vocabulary import bitmap_of
from slipway.model.signature import Signature
from slipway.model.torch_network import network_with
from slipway.model.training.fit_text import TextTrainingOptions, fit_text_classifier
from slipway.model.training.judging_labels import judge_labels
from slipway.model.training.readers import Rows
from slipway.model.training.recipe import Recipe
from slipway.model.training.reference import numeric_reference
from slipway.model.training.splits import Split
from slipway.model.training.trainers import Fitted, Floats, Integers, Judged, Progress, Start

# Watched features that rows which were trained on would show too well.
LEARNED = (UNKNOWN_WORDS, EMBEDDING_LENGTH)


class TextHyperparameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[hyperparameters] of a text-classifier recipe. rarity: rare n-grams weigh more."""

    ngrams: NgramOptions = NgramOptions()
    dimensions: int = 8
    rarity: bool = False
    training: TextTrainingOptions = TextTrainingOptions()


class TextTrainer:
    """Holds the rows of one training as counted n-grams, computed once."""

    def __init__(self, recipe: Recipe, signature: Signature, rows: Rows) -> None:
        try:
            self._chosen = msgspec.convert(recipe.hyperparameters, TextHyperparameters)
        except ValueError as wrong:
            raise RecipeInvalid(f"hyperparameters: {wrong}") from None
        config = TextClassifierConfig(self._chosen.ngrams, self._chosen.dimensions)
        self._family = TextClassifier(config, signature)
        self._texts: list[str] = [row[self._family.field] for row in rows.instances]
        self._counts = [self._family.counts(text) for text in self._texts]
        self._labels = [str(label) for label in rows.targets]
        self._groups = rows.groups
        place = {label: index for index, label in enumerate(self._family.labels)}
        self._truth = np.array([place[label] for label in self._labels], dtype=np.int64)

    def hyperparameters(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(self._chosen)
        return found

    def strata(self) -> Sequence[str]:
        return self._labels

    def fit(
        self, rows: Integers, seed: int, progress: Progress, start: Start | None = None
    ) -> Fitted:
        family = self._knowing(rows, start)
        return fit_text_classifier(
            family,
            self._bags(family, rows),
            self._truth[rows],
            self._chosen.training,
            seed=seed,
            progress=progress,
            start=start,
        )

    def said(self, fitted: Fitted, rows: Integers) -> Floats:
        network = network_with(fitted.family.build(), fitted.state, fitted.family.precision)
        family = cast(TextClassifier, fitted.family)
        scores = network(join_bags(self._bags(family, rows)))
        watched = [
            fitted.family.monitored({self._family.field: self._texts[row]}, of_row)
            for row, of_row in zip(rows, scores, strict=True)
        ]
        learned = np.array([[each[name] for name in LEARNED] for each in watched], np.float64)
        return np.hstack((softmax(scores[:, : len(self._family.labels)]), learned))

    def monitored(self, fitted: Fitted, rows: Integers) -> Sequence[Mapping[str, FeatureValue]]:
        return [summary(self._texts[row]) for row in rows]

    def judge(self, splits: Sequence[Split], said: Sequence[Floats], seed: int) -> Judged:
        labels = self._family.labels
        probabilities = [each[:, : len(labels)] for each in said]
        learned = np.concatenate(said)[:, len(labels) :]
        judged = judge_labels(labels, self._truth, self._groups, splits, probabilities, seed)
        features = {
            name: numeric_reference(column, seed)
            for name, column in zip(LEARNED, learned.T, strict=True)
        }
        return replace(judged, features=features)

    def _knowing(self, rows: Integers, start: Start | None) -> TextClassifier:
        """The family, with the words of these rows and of those that training began with, and how rare
        n-grams are, or were at that beginning."""
        words, rarity = bitmap_of(self._texts[row] for row in rows), b""
        if start is not None:
            before = msgspec.json.decode(start.config, type=TextClassifierConfig)
            rarity = before.rarity
            if len(before.vocabulary) == len(words):
                words = bytes(a | b for a, b in zip(words, before.vocabulary, strict=True))
        elif self._chosen.rarity:
            distinct = (self._counts[row][0] for row in rows)
            rarity = rarity_of(distinct, self._chosen.ngrams.buckets)
        config = msgspec.structs.replace(self._family.config, vocabulary=words, rarity=rarity)
        return TextClassifier(config, self._family.signature)

    def _bags(self, family: TextClassifier, rows: Integers) -> list[Bag]:
        return [family.weighed(*self._counts[row]) for row in rows]

    def finished(self, fitted: Fitted, judged: Judged) -> Fitted:
        return fitted
