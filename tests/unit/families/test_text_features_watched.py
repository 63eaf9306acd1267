"""What is watched of a text: its shape, and how much of it the model knows."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors.torch import load_file

from slipway.model.families.text_summary import kinds_of, summary
from slipway.model.families.text_vocabulary import Vocabulary, bitmap_of, words_of
from slipway.model.loading import load
from slipway.model.runtime import Model
from slipway.model.training.readers import read_rows
from slipway.model.training.resume import start_from
from slipway.model.training.train import Request, train
from support.artifacts import NOW, put, trained
from support.messages import small_recipe
from support.predictor_process import MODELS
from support.versions import remanifested

SEEN = "You have won a voucher, call 80001"
FOREIGN = "Zweifellos quillt Öl über die Böschung"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("watched")
    return load(put(folder / "models", trained(folder)))


def watched(model: Model, text: str) -> dict[str, float]:
    instance = {"message": text}
    scores = model.forward(model.preprocess([instance]))
    found = model.family.monitored(instance, scores[0])
    return {name: float(value) for name, value in found.items() if value is not None}


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 0.0),
        ("... !?", 0.0),
        ("won", 0.0),
        ("WON a Voucher", 0.0),
        ("won zweifellos", 0.5),
        ("zweifellos quillt", 1.0),
        ("won \ud800 zweifellos", 0.5),
    ],
)
def test_the_share_of_unknown_words_is_of_all_words(text: str, share: float) -> None:
    assert Vocabulary(bitmap_of(["You have won a voucher"])).unknown_share(text) == share


def test_no_known_word_is_taken_for_an_unknown_one() -> None:
    words = [f"word{number}" for number in range(20_000)]
    vocabulary = Vocabulary(bitmap_of(words))
    assert vocabulary.unknown_share(" ".join(words)) == 0.0
    new = " ".join(f"other{number}" for number in range(5_000))
    assert vocabulary.unknown_share(new) == pytest.approx(np.exp(-20_000 / 2**17), abs=0.03)


@pytest.mark.parametrize("text", ["", "a b", "Grüße, 3 Ÿ… 🙂!", "\u00b2\u2003x", "CAPS and 09061"])
def test_shares_of_characters_are_by_their_definition(text: str) -> None:
    length = max(1, len(text))
    found = summary(text)
    marks = [c for c in text if not c.isalnum() and not c.isspace()]
    foreign = [c for c in text if ord(c) > 127]
    assert found["punctuation_share"] == pytest.approx(len(marks) / length)
    assert found["non_ascii_share"] == pytest.approx(len(foreign) / length)


def test_plain_ascii_is_counted_as_unicode_says() -> None:
    """Every ASCII character, alone and among others: by bytes as by what Unicode says of each."""
    for text in (*map(chr, range(128)), "".join(map(chr, range(128)))):
        found, kinds = summary(text), kinds_of(text)
        assert found["digit_share"] == pytest.approx(kinds.digits / len(text))
        assert found["capital_share"] == pytest.approx(kinds.capitals / len(text))
        assert found["punctuation_share"] == pytest.approx(kinds.marks / len(text))
        assert found["non_ascii_share"] == 0.0


def test_words_are_the_same_beside_a_foreign_one() -> None:
    text = "Win_2 the PRIZE, it's 4.5!\x1fnow\x0bok"
    assert words_of(f"{text} ö") == [*words_of(text), "ö".encode()]


def test_a_text_of_another_world_has_unknown_words_and_a_short_embedding(model: Model) -> None:
    known, foreign = watched(model, SEEN), watched(model, FOREIGN)
    assert known["unknown_word_share"] < foreign["unknown_word_share"]
    assert known["embedding_length"] > 1.5 * foreign["embedding_length"]


def test_the_embeddings_length_is_that_of_the_networks_own_embedding() -> None:
    weights = load_file(MODELS / "spam/versions/1.0.0/model.safetensors")["embedding.weight"]
    shipped = load(MODELS / "spam/versions/1.0.0")
    bag = shipped.family.bag(SEEN)  # type: ignore[attr-defined]
    pooled = (weights.numpy()[bag.buckets] * bag.weights[:, None]).sum(axis=0)
    expected = float(np.linalg.norm(pooled))
    assert watched(shipped, SEEN)["embedding_length"] == pytest.approx(expected, rel=1e-5)


def test_what_is_watched_does_not_depend_on_the_batch(model: Model) -> None:
    rows = [{"message": text} for text in (SEEN, FOREIGN, "", SEEN)]
    together = model.forward(model.preprocess(rows))
    for row, scores in zip(rows, together, strict=True):
        found = model.family.monitored(row, scores)
        assert found == pytest.approx(watched(model, row["message"]), abs=1e-6)


def test_each_watched_feature_has_its_reference(model: Model, tmp_path: Path) -> None:
    features = json.loads(trained(tmp_path).files["reference.json"])["features"]
    assert features.keys() == watched(model, SEEN).keys()


def test_how_much_is_known_is_told_by_rows_that_were_not_trained_on(tmp_path: Path) -> None:
    """Of the messages that training saw, every word is known; of those held back, some are not."""
    made = trained(tmp_path)
    features = json.loads(made.files["reference.json"])["features"]
    assert features["unknown_word_share"]["n"] == made.metrics["n"]
    assert features["embedding_length"]["n"] == made.metrics["n"]


def test_a_version_from_before_the_vocabulary_still_loads(tmp_path: Path) -> None:
    directory = put(tmp_path / "models", trained(tmp_path))
    config = json.loads((directory / "config.json").read_bytes())
    del config["vocabulary"]
    (directory / "config.json").write_bytes(msgspec.json.encode(config))
    model = load(remanifested(directory))
    assert "unknown_word_share" not in watched(model, SEEN)
    assert "embedding_length" in watched(model, SEEN)


def test_training_that_goes_on_keeps_the_words_it_knew(tmp_path: Path) -> None:
    directory = put(tmp_path / "models", trained(tmp_path, keep=True))
    recipe = small_recipe()
    start = start_from(directory, recipe)
    knew = bitmap_of(["zweifellos"])
    before = json.loads(start.config)
    before["vocabulary"] = msgspec.to_builtins(knew)
    start = type(start)(msgspec.json.encode(before), start.weights, start.state)
    request = Request(version="1.1.0", seed=7, now=NOW, commit=None, why="test", start=start)
    made = train(recipe, read_rows(recipe, tmp_path), request, lambda *_: None)
    config = json.loads(made.files["config.json"])["vocabulary"]
    vocabulary = Vocabulary(msgspec.convert(config, bytes))
    assert vocabulary.unknown_share("zweifellos you") == 0.0
