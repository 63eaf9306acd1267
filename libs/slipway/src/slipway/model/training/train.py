"""A whole training: rows → held-back figures → final weights → the files of a version."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save as tensors_as_bytes

from slipway.core.errors import RecipeInvalid
from slipway.model.artifact import Manifest, make_manifest, to_json
from slipway.model.families.text_classifier import TextClassifier, softmax
from slipway.model.golden import GoldenRow
from slipway.model.signature import Field, Output, Signature
from slipway.model.training.evaluation import classification_report
from slipway.model.training.fit_text import Fitted, Start
from slipway.model.training.lineage import lineage
from slipway.model.training.readers import Rows
from slipway.model.training.recipe import Recipe
from slipway.model.training.reference import feature_references, prediction_reference
from slipway.model.training.splits import Split, stratified_folds, stratified_holdout
from slipway.model.training.text_trainer import TextTrainer
from slipway.model.validation import checked_instance

Progress = Callable[[str, int, int, float], None]
"""(which training, epoch, of how many, mean loss) after each epoch."""

TRAINERS = {TextClassifier.name: TextTrainer}


@dataclass(frozen=True)
class Request:
    """What is to be made, and from where training goes on."""

    version: str
    seed: int
    now: datetime
    commit: str | None
    why: str
    parent: str | None = None
    start: Start | None = None
    keep_training_state: bool = False


@dataclass(frozen=True)
class Trained:
    """A finished version: its manifest, the other files' contents, and the figures among them."""

    manifest: Manifest
    files: dict[str, bytes]
    metrics: dict[str, Any]


def train(recipe: Recipe, rows: Rows, request: Request, progress: Progress) -> Trained:
    """Evaluates on held-back rows and trains the version.

    One thread, so that the same seed and data give the same bytes on the same torch build.
    Raises RecipeInvalid where recipe and family do not fit.
    """
    began = time.monotonic()
    torch.set_num_threads(1)
    signature = signature_of(recipe)
    trainer = trainer_of(recipe, signature, rows)
    held = _held_back(recipe, rows, request.seed)
    probabilities, metrics = _evaluate(trainer, held, request.seed, progress)
    everything = held[0].training if recipe.evaluation.folds == 0 else np.arange(len(rows))
    fitted = trainer.fit(everything, request.seed, _named("final", progress), request.start)
    hyperparameters = trainer.hyperparameters()
    files = {
        "model.safetensors": tensors_as_bytes(fitted.state),
        "config.json": to_json(trainer.config),
        "signature.json": to_json(signature),
        "metrics.json": to_json(metrics),
        "reference.json": to_json(
            _reference(trainer, rows, held, everything, probabilities, request.seed)
        ),
        "golden.json": to_json(_golden(trainer.family, signature, recipe, fitted)),
        "lineage.json": to_json(
            lineage(
                data_digest=rows.digest,
                rows=len(rows),
                repeats=rows.repeats,
                seed=request.seed,
                hyperparameters=hyperparameters,
                commit=request.commit,
                duration_seconds=time.monotonic() - began,
                why=request.why,
            )
        ),
    }
    if request.keep_training_state:
        files |= fitted.training.files()
    manifest = make_manifest(
        name=recipe.name,
        version=request.version,
        family=recipe.family,
        files=files,
        made_by="slipway train",
        now=request.now,
        parent=request.parent,
    )
    return Trained(manifest, files, metrics)


def signature_of(recipe: Recipe) -> Signature:
    """Raises RecipeInvalid for fields that make no signature."""
    try:
        inputs = msgspec.convert(recipe.inputs, tuple[Field, ...])
        return Signature(inputs, Output("classification", tuple(recipe.target.labels.values())))
    except ValueError as wrong:
        raise RecipeInvalid(f"inputs: {wrong}") from None


def trainer_of(recipe: Recipe, signature: Signature, rows: Rows) -> TextTrainer:
    if recipe.family not in TRAINERS:
        known = ", ".join(sorted(TRAINERS))
        raise RecipeInvalid(f"There is no family {recipe.family!r}; there are {known}.")
    try:
        return TRAINERS[recipe.family](recipe, signature, rows)
    except ValueError as wrong:
        raise RecipeInvalid(str(wrong)) from None


def _held_back(recipe: Recipe, rows: Rows, seed: int) -> list[Split]:
    plan = recipe.evaluation
    if plan.folds == 0:
        return [stratified_holdout(rows.labels, plan.holdout, seed)]
    try:
        return list(stratified_folds(rows.labels, plan.folds, seed))
    except ValueError as wrong:
        raise RecipeInvalid(f"evaluation: {wrong}") from None


def _evaluate(
    trainer: TextTrainer, splits: list[Split], seed: int, progress: Progress
) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """Probabilities of the held-back rows in the order of the splits, and metrics.json."""
    labels = trainer.family.labels
    found, reports = [], []
    for number, split in enumerate(splits, start=1):
        name = f"fold {number} of {len(splits)}" if len(splits) > 1 else "held-back"
        fitted = trainer.fit(split.training, seed, _named(name, progress))
        found.append(softmax(trainer.scores(fitted, split.held_back)))
        reports.append(
            classification_report(labels, trainer.truth[split.held_back], found[-1], seed)
        )
    probabilities = np.concatenate(found)
    truth = trainer.truth[np.concatenate([split.held_back for split in splits])]
    metrics = {
        "schema": 1,
        "evaluated_on": f"{len(splits)} stratified folds, each row held back once"
        if len(splits) > 1
        else "a held-back share, not trained on",
        **classification_report(labels, truth, probabilities, seed),
    }
    if len(splits) > 1:
        metrics["folds"] = reports
        metrics["folds_mean"] = _mean_of(reports)
    return probabilities, metrics


def _mean_of(reports: list[dict[str, Any]]) -> dict[str, Any]:
    def mean(values: list[float]) -> float:
        return float(np.mean(values))

    return {
        "accuracy": mean([r["accuracy"]["value"] for r in reports]),
        "auc": mean([r["auc"]["value"] for r in reports]),
        "expected_calibration_error": mean(
            [r["expected_calibration_error"]["value"] for r in reports]
        ),
        "per_class": {
            label: {
                "f1": mean([r["per_class"][label]["f1"]["value"] for r in reports]),
                "false_positive_rate": mean(
                    [r["per_class"][label]["false_positive_rate"]["value"] for r in reports]
                ),
            }
            for label in reports[0]["per_class"]
        },
    }


def _reference(
    trainer: TextTrainer,
    rows: Rows,
    splits: list[Split],
    trained_on: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    seed: int,
) -> dict[str, Any]:
    monitored = [trainer.family.monitored(rows.instances[row]) for row in trained_on]
    truth = trainer.truth[np.concatenate([split.held_back for split in splits])]
    return {
        "schema": 1,
        "features": feature_references(monitored, seed),
        **prediction_reference(trainer.family.labels, truth, probabilities, seed),
    }


def _golden(
    family: TextClassifier, signature: Signature, recipe: Recipe, fitted: Fitted
) -> list[GoldenRow]:
    """The recipe's own examples, with what the final weights answer."""
    if not recipe.golden:
        raise RecipeInvalid("A recipe needs at least one [[golden]] row.")
    network = family.build()
    network.load_state_dict(fitted.state)
    instances = [checked_instance(signature, dict(row)) for row in recipe.golden]
    inputs = family.preprocess(instances)
    with torch.inference_mode():
        arrays = {name: torch.from_numpy(array) for name, array in inputs.arrays.items()}
        scores = np.asarray(network.eval()(**arrays).numpy())
    answers = family.postprocess(scores)
    return [GoldenRow(i, a) for i, a in zip(instances, answers, strict=True)]


def _named(name: str, progress: Progress) -> Callable[[int, int, float], None]:
    return lambda epoch, epochs, loss: progress(name, epoch, epochs, loss)
