from pathlib import Path

import msgspec
import pytest

from slipway.core.errors import Conflict, RecipeInvalid
from slipway.model.artifact import read_file
from slipway.model.loading import load
from slipway.model.training.readers import read_rows
from slipway.model.training.recipe import Recipe, read_recipe
from slipway.model.training.resume import start_from
from slipway.model.training.train import Request, train
from support.artifacts import NOW, put, trained
from support.messages import small_recipe, write_messages

UNTIMED = {"lineage.json"}


def test_the_same_seed_and_data_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = trained(tmp_path), trained(tmp_path)
    assert {k: v for k, v in first.files.items() if k not in UNTIMED} == {
        k: v for k, v in second.files.items() if k not in UNTIMED
    }


def test_another_seed_gives_other_weights(tmp_path: Path) -> None:
    weights = [trained(tmp_path, seed=seed).files["model.safetensors"] for seed in (1, 2)]
    assert weights[0] != weights[1]


def test_a_trained_version_loads_and_tells_spam_from_ham(tmp_path: Path) -> None:
    model = load(put(tmp_path / "models", trained(tmp_path)))
    answers = model.predict(
        [{"message": "You have won a voucher, call 80001"}, {"message": "Can you bring the keys?"}]
    )
    assert [answer.prediction for answer in answers] == ["spam", "not_spam"]


def test_figures_come_with_n_and_intervals(tmp_path: Path) -> None:
    metrics = trained(
        tmp_path, msgspec.structs.replace(small_recipe(), evaluation=_folds(4))
    ).metrics
    assert metrics["n"] == 200
    assert len(metrics["folds"]) == 4
    low, high = metrics["accuracy"]["interval"]
    assert low <= metrics["accuracy"]["value"] <= high
    assert sum(map(sum, metrics["confusion_matrix"]["counts"])) == 200
    assert set(metrics["per_class"]) == {"not_spam", "spam"}


def test_training_goes_on_from_a_version_with_its_state(tmp_path: Path) -> None:
    first = trained(tmp_path, keep=True)
    directory = put(tmp_path / "models", first)
    recipe = small_recipe()
    request = Request(
        version="1.1.0",
        seed=7,
        now=NOW,
        commit=None,
        why="test",
        parent="1.0.0",
        start=start_from(directory, recipe),
        keep_training_state=True,
    )
    second = train(recipe, read_rows(recipe, tmp_path), request, lambda *_: None)
    assert second.manifest.parent == "1.0.0"
    assert _state(second.files)["epoch"] == 6
    assert _state(second.files)["loss"] < _state(first.files)["loss"]


def test_a_version_without_state_cannot_be_resumed(tmp_path: Path) -> None:
    directory = put(tmp_path / "models", trained(tmp_path))
    with pytest.raises(RecipeInvalid, match="holds no training state"):
        start_from(directory, small_recipe())


def test_a_version_is_never_written_twice(tmp_path: Path) -> None:
    made = trained(tmp_path)
    directory = put(tmp_path / "models", made)
    before = read_file(directory, "manifest.json")
    with pytest.raises(Conflict, match="versions never change"):
        put(tmp_path / "models", made)
    assert read_file(directory, "manifest.json") == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"family": "oracle"}, "no family 'oracle'"),
        ({"golden": ()}, "golden"),
        ({"hyperparameters": {"depth": 3}}, "depth"),
        ({"inputs": ({"name": "text", "type": "text"},)}, "no column 'text'"),
        ({"inputs": ({"name": "message", "type": "poem"},)}, "poem"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused(
    tmp_path: Path, change: dict[str, object], told: str
) -> None:
    recipe: Recipe = msgspec.structs.replace(small_recipe(), **change)
    write_messages(tmp_path / "messages.txt", rows=40, seed=1)
    with pytest.raises(RecipeInvalid, match=told):
        trained(tmp_path, recipe)


def test_a_recipe_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text('name = "x"\nfamly = "text-classifier"\n')
    with pytest.raises(RecipeInvalid, match=r"wrong\.toml"):
        read_recipe(tmp_path / "wrong.toml")


def _folds(count: int) -> object:
    return msgspec.structs.replace(small_recipe().evaluation, folds=count)


def _state(files: dict[str, bytes]) -> dict[str, float]:
    found: dict[str, float] = msgspec.json.decode(files["training.json"])
    return found
