"""Every recipe in recipes/ can be followed, and its own examples fit its signature."""

import pytest

from slipway.model.training.recipe import Recipe, read_recipe
from slipway.model.training.train import TRAINERS, signature_of
from slipway.model.validation import checked_instance
from support.predictor_process import REPOSITORY

RECIPES = sorted((REPOSITORY / "recipes").glob("*.toml"))


@pytest.fixture(params=RECIPES, ids=lambda path: path.stem)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    return read_recipe(request.param)


def test_it_names_a_family_and_says_where_its_data_is_from(recipe: Recipe) -> None:
    assert recipe.family in TRAINERS
    for part in recipe.data.parts():
        assert part.source is not None
        assert len(part.source.sha256) == 64


def test_its_example_and_its_golden_rows_are_valid_instances(recipe: Recipe) -> None:
    signature = signature_of(recipe)
    assert checked_instance(signature, signature.example())
    assert len(recipe.golden) >= 3
    for row in recipe.golden:
        checked_instance(signature, dict(row))


def test_every_family_has_a_recipe() -> None:
    assert {read_recipe(path).family for path in RECIPES} == TRAINERS.keys()
