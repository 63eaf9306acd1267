"""Short texts into labels: hashed n-grams → EmbeddingBag → linear → softmax.

Each distinct n-gram weighs 1 + ln(count), times its rarity where the model keeps one; the weights
of a text have Euclidean length 1.
The network is linear in the n-grams, so that an explanation of it is exact.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, NamedTuple, Self

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from slipway.model.families.base import FeatureValue, Inputs, Network, Scores
from slipway.model.families.probabilities import labelled, softmax
from slipway.model.families.text_batches import counted_buckets
from slipway.model.families.text_explanation import METHOD, by_word, shares_of_probability
from slipway.model.families.text_features import (
    Integers,
    NgramOptions,
    counted,
    ngram_buckets,
    ngrams,
)
from slipway.model.families.text_rarity import rarity_from
from slipway.model.families.text_summary import summary
from slipway.model.families.text_vocabulary import Vocabulary
from slipway.model.prediction import Explanation, Prediction
from slipway.model.signature import Instance, Signature
from slipway.model.torch_network import torch_network

EMBEDDING_LENGTH, UNKNOWN_WORDS = "embedding_length", "unknown_word_share"


class TextClassifierConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """config.json of this family. dimensions: the width of the embedding. vocabulary: a bitmap of the
    words that training saw; empty in versions that were trained before there was one. rarity: how
    rare each bucket is (text_rarity); empty: all weigh alike."""

    ngrams: NgramOptions
    dimensions: int = 8
    vocabulary: bytes = b""
    rarity: bytes = b""


class TextNetwork(torch.nn.Module):
    """(buckets (n,), offsets (rows,), weights (n,)) → logits beside the embedding of each text:
    (rows, labels + dimensions)."""

    def __init__(self, config: TextClassifierConfig, labels: int) -> None:
        super().__init__()
        self.embedding = torch.nn.EmbeddingBag(config.ngrams.buckets, config.dimensions, mode="sum")
        self.linear = torch.nn.Linear(config.dimensions, labels)

    def forward(
        self, buckets: torch.Tensor, offsets: torch.Tensor, weights: torch.Tensor
    ) -> torch.Tensor:
        pooled = self.embedding(buckets, offsets, per_sample_weights=weights)
        return torch.cat((self.linear(pooled), pooled), dim=1)


class Bag(NamedTuple):
    """A text as distinct buckets and their weights, each of shape (n,)."""

    buckets: NDArray[np.int64]
    weights: NDArray[np.float32]


EMPTY = Bag(np.zeros(0, np.int64), np.zeros(0, np.float32))


class TextClassifier:
    """The family `text-classifier`: one text field in, one of the labels out."""

    name: ClassVar[str] = "text-classifier"
    precision: ClassVar[torch.dtype | None] = None

    def __init__(self, config: TextClassifierConfig, signature: Signature) -> None:
        texts = [field.name for field in signature.inputs if field.type == "text"]
        if len(texts) != 1 or len(signature.inputs) != 1 or not signature.output.labels:
            raise ValueError("a text classifier takes one text field and has labels")
        self.config = config
        self.signature = signature
        self.labels = signature.output.labels
        self.field = texts[0]
        if len(config.rarity) not in (0, config.ngrams.buckets):
            raise ValueError("rarity must have one byte for each bucket")
        self._rarity = rarity_from(config.rarity) if config.rarity else None
        self._vocabulary = Vocabulary(config.vocabulary) if config.vocabulary else None

    @classmethod
    def from_config(cls, config: bytes, signature: Signature) -> Self:
        """Raises ValueError for a config of another family or with unknown options."""
        return cls(msgspec.json.decode(config, type=TextClassifierConfig), signature)

    def build(self) -> TextNetwork:
        return TextNetwork(self.config, len(self.labels))

    def network(self, weights: Path, device: str) -> Network:
        return torch_network(self.build, weights, device, self.precision)

    def bag(self, text: str) -> Bag:
        """The text's distinct n-grams; one empty bucket for a text without any."""
        return self.weighed(*self.counts(text))

    def counts(self, text: str) -> tuple[Integers, Integers]:
        """The buckets of the text's n-grams, and how often each is there."""
        return counted(ngram_buckets(text, self.config.ngrams))

    def weighed(self, buckets: Integers, counts: Integers) -> Bag:
        """Counted buckets as a bag."""
        weights = 1.0 + np.log(counts)
        if self._rarity is not None:
            weights *= self._rarity[buckets]
        length = np.sqrt(weights @ weights)
        return Bag(buckets, (weights / length if length else weights).astype(np.float32))

    def preprocess(self, instances: Sequence[Instance]) -> Inputs:
        if len(instances) == 1:
            return join_bags([self.bag(instances[0][self.field])])
        texts = [instance[self.field] for instance in instances]
        found = counted_buckets(texts, self.config.ngrams)
        weights = 1.0 + np.log(found.counts)
        if self._rarity is not None:
            weights *= self._rarity[found.buckets]
        bounds = found.starts.tolist()
        # Row by row, since the order of a sum is part of its value.
        rows = [weights[start:end] for start, end in pairwise(bounds)]
        lengths = np.sqrt([row @ row for row in rows])
        lengths[lengths == 0] = 1.0
        weights /= np.repeat(lengths, np.diff(found.starts))
        return Inputs(
            len(instances),
            {
                "buckets": found.buckets,
                "offsets": found.starts[:-1],
                "weights": weights.astype(np.float32),
            },
        )

    def join(self, parts: Sequence[Inputs]) -> Inputs:
        if len(parts) == 1:
            return parts[0]
        starts = np.cumsum([0, *(len(part.arrays["buckets"]) for part in parts[:-1])])
        offsets = [
            part.arrays["offsets"] + start for part, start in zip(parts, starts, strict=True)
        ]
        return Inputs(
            sum(part.rows for part in parts),
            {
                "buckets": np.concatenate([part.arrays["buckets"] for part in parts]),
                "offsets": np.concatenate(offsets),
                "weights": np.concatenate([part.arrays["weights"] for part in parts]),
            },
        )

    def postprocess(self, scores: Scores) -> list[Prediction]:
        return labelled(self.labels, scores[:, : len(self.labels)])

    def monitored(self, instance: Instance, scores: Scores) -> dict[str, FeatureValue]:
        """The text's length and shape, and how much of it the model knows: by its words, and by the
        length of its embedding, to which n-grams that training never saw add next to nothing."""
        text: str = instance[self.field]
        found = summary(text)
        found[EMBEDDING_LENGTH] = math.hypot(*scores[len(self.labels) :].tolist())
        if self._vocabulary is not None:
            found[UNKNOWN_WORDS] = self._vocabulary.unknown_share(text)
        return found

    def unseen(self, instance: Instance) -> Sequence[str]:
        return ()

    def explain(self, instance: Instance, network: Network) -> Explanation:
        """Each word's part in the probability of the label that is answered."""
        text: str = instance[self.field]
        bag, found = self.bag(text), ngrams(text, self.config.ngrams)
        # Every bucket as a text of its own, behind one that says nothing and the whole text.
        alone = [
            Bag(bag.buckets[i : i + 1], bag.weights[i : i + 1]) for i in range(len(bag.buckets))
        ]
        logits = network(join_bags([EMPTY, bag, *alone]))[:, : len(self.labels)]
        base, parts = logits[0].astype(np.float64), logits[2:].astype(np.float64) - logits[0]
        probability = softmax(logits[:2])
        label = int(probability[1].argmax())
        shares = shares_of_probability(base, parts, label)
        places = np.searchsorted(bag.buckets, found.buckets)
        each = (shares / np.bincount(places, minlength=len(shares)))[places]
        return Explanation(
            method=METHOD,
            base=float(probability[0, label]),
            score=float(probability[1, label]),
            contributions=by_word(self.field, text, found, each),
            label=self.labels[label],
        )


def join_bags(bags: Sequence[Bag]) -> Inputs:
    """Bags one behind the other, with the offset where each begins."""
    sizes = [len(bag.buckets) for bag in bags]
    return Inputs(
        len(bags),
        {
            "buckets": np.concatenate([bag.buckets for bag in bags]),
            "offsets": np.cumsum([0, *sizes[:-1]], dtype=np.int64),
            "weights": np.concatenate([bag.weights for bag in bags]),
        },
    )
