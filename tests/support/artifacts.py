"""Small trained versions, made on the fly."""

from datetime import UTC, datetime
from pathlib import Path

from slipway.model.artifact import write
from slipway.model.promotion import promoted
from slipway.model.registry import registry_in_folder, version_directory
from slipway.model.training.readers import read_rows
from slipway.model.training.recipe import Recipe
from slipway.model.training.train import Request, Trained, train
from slipway.model.training.trainers import Start
from support.messages import small_recipe, write_messages
from support.people import people_recipe, write_people

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def trained(
    folder: Path,
    recipe: Recipe | None = None,
    *,
    version: str = "1.0.0",
    seed: int = 7,
    keep: bool = False,
    start: Start | None = None,
) -> Trained:
    """A version trained on 200 generated messages."""
    write_messages(folder / "messages.txt", rows=200, seed=1)
    plan = recipe or small_recipe()
    request = Request(
        version=version,
        seed=seed,
        now=NOW,
        commit=None,
        why="test",
        keep_training_state=keep,
        start=start,
    )
    return train(plan, read_rows(plan, folder), request, lambda *_: None)


def trained_people(folder: Path, recipe: Recipe | None = None, *, rows: int = 400) -> Trained:
    """A tabular version trained on generated people."""
    write_people(folder / "people.csv", rows=rows, seed=1)
    plan = recipe or people_recipe()
    request = Request(version="1.0.0", seed=7, now=NOW, commit=None, why="test")
    return train(plan, read_rows(plan, folder), request, lambda *_: None)


def put(models: Path, made: Trained, *, promote: bool = True) -> Path:
    """Writes the version into a folder of models; returns its directory."""
    name, version = made.manifest.name, made.manifest.version
    directory = version_directory(models, name, version)
    write(directory, made.manifest, made.files)
    if promote:
        registry = registry_in_folder(models)
        newest = registry.newest(name)
        registry.put(name, promoted(newest, version, who="tests", now=NOW, why="test"))
    return directory
