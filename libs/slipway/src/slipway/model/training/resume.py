"""Weights and training state of a version, to go on training from."""

from pathlib import Path

from safetensors.torch import load as read_tensors

from slipway.core.errors import ArtifactRefused, RecipeInvalid
from slipway.model.artifact import read_file, verify
from slipway.model.training.recipe import Recipe
from slipway.model.training.state import OPTIMIZER_FILE, STATE_FILE, TrainingState
from slipway.model.training.trainers import Start

_MAX_BYTES = 4_000_000_000


def start_from(directory: Path, recipe: Recipe) -> Start:
    """Raises ArtifactRefused for a damaged version, RecipeInvalid for one without training state."""
    manifest, _ = verify(directory)
    if manifest.family != recipe.family or manifest.name != recipe.name:
        raise RecipeInvalid(f"{directory} is a {manifest.family} named {manifest.name}.")
    if STATE_FILE not in manifest.files or OPTIMIZER_FILE not in manifest.files:
        raise RecipeInvalid(
            f"Version {manifest.version} holds no training state; train it with --keep-state."
        )
    try:
        weights = read_tensors(read_file(directory, manifest.weights, _MAX_BYTES))
    except ValueError as wrong:
        raise ArtifactRefused(manifest.weights, str(wrong)) from None
    optimizer = read_file(directory, OPTIMIZER_FILE, _MAX_BYTES)
    state = TrainingState.from_files(optimizer, read_file(directory, STATE_FILE))
    return Start(read_file(directory, "config.json"), weights, state)
