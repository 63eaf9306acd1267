"""An explanation of a text adds up to its answer, and points at the words that made it."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from slipway.model.families.base import Inputs, Network, Scores
from slipway.model.families.text_classifier import TextClassifier, TextClassifierConfig
from slipway.model.families.text_features import NgramOptions
from slipway.model.signature import Field, Output, Signature

TEXTS = [
    "Congratulations! You have won.",
    "ok",
    " ",
    "a\tb  c ",
    "🙂 £2000 grüße",
    "aaaa aaaa aaaa",
]


def family_of(*labels: str, shape: bool = True) -> TextClassifier:
    signature = Signature((Field("message", "text"),), Output("classification", labels))
    ngrams = NgramOptions(buckets=1024, shape=shape)
    return TextClassifier(TextClassifierConfig(ngrams, dimensions=4), signature)


def random_network(family: TextClassifier, seed: int = 7) -> Network:
    torch.manual_seed(seed)
    module = family.build().requires_grad_(False)

    def forward(inputs: Inputs) -> Scores:
        return np.asarray(module(**{k: torch.from_numpy(v) for k, v in inputs.arrays.items()}))

    return forward


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("labels", [("yes", "no"), ("a", "b", "c", "d")])
def test_contributions_add_up_to_the_confidence_minus_the_base(
    text: str, labels: tuple[str, ...]
) -> None:
    family = family_of(*labels)
    network = random_network(family)
    explanation = family.explain({"message": text}, network)
    answer = family.postprocess(network(family.preprocess([{"message": text}])))[0]
    total = sum(part.contribution for part in explanation.contributions)
    assert explanation.label == answer.prediction
    assert explanation.score == pytest.approx(answer.confidence, abs=1e-6)
    assert total == pytest.approx(explanation.score - explanation.base, abs=1e-6)


def test_positions_are_those_of_the_words_in_the_text() -> None:
    family = family_of("yes", "no", shape=False)
    text = " Grüße 🙂 aus  Köln "
    explanation = family.explain({"message": text}, random_network(family))
    words = [part for part in explanation.contributions if part.start is not None]
    assert [part.text for part in words] == ["Grüße", "🙂", "aus", "Köln"]
    assert all(text[part.start : part.end] == part.text for part in words)


def test_a_word_that_alone_decides_gets_all_of_the_contribution() -> None:
    only = NgramOptions(buckets=1024, word_max=1, char_min=8, char_max=8, shape=False)
    family = TextClassifier(
        TextClassifierConfig(only, dimensions=4), family_of("yes", "no").signature
    )
    decisive = int(family.bag("bad").buckets[0])

    def network(inputs: Inputs) -> Scores:
        rows = np.repeat(np.arange(inputs.rows), sizes_of(inputs))
        votes = 5 * (inputs.arrays["buckets"] == decisive) * inputs.arrays["weights"]
        scores = np.zeros((inputs.rows, 2), dtype=np.float32)
        np.add.at(scores[:, 1], rows, votes.astype(np.float32))
        return scores

    parts = family.explain({"message": "a bad day"}, network).contributions
    others = [part.contribution for part in parts if part.text != "bad"]
    assert max(map(abs, others)) < 1e-9
    assert next(part.contribution for part in parts if part.text == "bad") > 0.1


def sizes_of(inputs: Inputs) -> list[int]:
    ends = [*inputs.arrays["offsets"][1:].tolist(), len(inputs.arrays["buckets"])]
    return [end - start for start, end in pairwise([0, *ends])]
