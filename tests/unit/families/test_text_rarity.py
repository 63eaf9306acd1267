"""Rarity in texts' bags, and the Naive Bayes prior of their training."""

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors.torch import load as read_tensors

from slipway.core.errors import ArtifactRefused
from slipway.model.families.text_classifier import TextClassifierConfig
from slipway.model.families.text_rarity import rarity_from, rarity_of
from slipway.model.loading import load
from slipway.model.training.resume import start_from
from slipway.model.training.train import Trained
from support.artifacts import put, trained
from support.messages import small_recipe
from support.versions import remanifested

OPTIONS = {
    "rarity": True,
    "ngrams": {"buckets": 1024, "char_max": 3},
    "training": {"epochs": 3, "learning_rate": 0.05, "naive_bayes": 1.0},
}


def made(folder: Path, **training: float) -> Trained:
    options = OPTIONS | {"training": {**OPTIONS["training"], **training}}  # type: ignore[dict-item]
    return trained(folder, small_recipe(**options), keep=True)


def test_what_stands_in_every_text_weighs_one_and_what_stands_in_none_most() -> None:
    texts = [np.array([0, 1]), np.array([0]), np.array([0, 2])]
    factors = rarity_from(rarity_of(texts, buckets=4))
    assert factors == pytest.approx(
        [1, math.log(4 / 2) + 1, math.log(4 / 2) + 1, math.log(4) + 1], abs=1 / 32
    )


def test_the_same_seed_and_data_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = made(tmp_path).files, made(tmp_path).files
    assert {k: v for k, v in first.items() if k != "lineage.json"} == {
        k: v for k, v in second.items() if k != "lineage.json"
    }


def test_it_learns_loads_and_explains(tmp_path: Path) -> None:
    model = load(put(tmp_path / "models", made(tmp_path)))
    row = {"message": "You have won a voucher, call 80001"}
    answer, explanation = model.predict([row])[0], model.explain([row])[0]
    assert answer.prediction == "spam"
    total = sum(part.contribution for part in explanation.contributions)
    assert total == pytest.approx(explanation.score - explanation.base, abs=1e-6)
    assert explanation.score == pytest.approx(answer.confidence, abs=1e-6)


def test_a_prior_changes_what_is_learned(tmp_path: Path) -> None:
    weights = [
        read_tensors(made(tmp_path, naive_bayes=smoothing).files["model.safetensors"])
        for smoothing in (0.0, 1.0)
    ]
    assert not np.allclose(*(each["embedding.weight"].numpy() for each in weights))


def test_training_that_goes_on_begins_with_the_same_answers(tmp_path: Path) -> None:
    directory = put(tmp_path / "models", made(tmp_path))
    recipe = small_recipe(**OPTIONS)
    start = start_from(directory, recipe)
    assert msgspec.json.decode(start.config, type=TextClassifierConfig).rarity
    still = small_recipe(
        **OPTIONS | {"training": {"epochs": 1, "learning_rate": 1e-9, "naive_bayes": 1.0}}
    )
    again = trained(tmp_path, still, version="1.1.0", start=start)
    before, after = load(directory), load(put(tmp_path / "models", again))
    row = {"message": "You have won a voucher, call 80001"}
    assert after.predict([row])[0].confidence == pytest.approx(
        before.predict([row])[0].confidence, abs=1e-4
    )


def test_rarity_of_another_table_is_refused(tmp_path: Path) -> None:
    directory = put(tmp_path / "models", made(tmp_path))
    config = msgspec.json.decode(
        (directory / "config.json").read_bytes(), type=TextClassifierConfig
    )
    short = msgspec.structs.replace(config, rarity=config.rarity[:-1])
    (directory / "config.json").write_bytes(msgspec.json.encode(short))
    with pytest.raises(ArtifactRefused, match="one byte for each bucket"):
        load(remanifested(directory))
