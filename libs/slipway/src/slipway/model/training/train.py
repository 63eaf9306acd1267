"""A whole training: rows → held-back figures → final weights → the files of a version."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
import torch
from safetensors.torch import save as tensors_as_bytes

from slipway.core.errors import RecipeInvalid
from slipway.model.artifact import Manifest, make_manifest, to_json
from slipway.model.families.tabular import TabularClassifier, TabularRegressor
from slipway.model.families.text_classifier import TextClassifier
from slipway.model.golden import GoldenRow
from slipway.model.signature import Output, Signature
from slipway.model.torch_network import network_with
from slipway.model.training.lineage import lineage
from slipway.model.training.readers import Rows
from slipway.model.training.recipe import Evaluation, Recipe, fields_of
from slipway.model.training.reference import feature_references
from slipway.model.training.splits import Split, stratified_folds, stratified_holdout
from slipway.model.training.tabular_trainer import (
    TabularClassifierTrainer,
    TabularRegressorTrainer,
)
from slipway.model.training.text_trainer import TextTrainer
from slipway.model.training.trainers import Fitted, Start, Trainer
from slipway.model.validation import checked_instance

Progress = Callable[[str, int, int, float], None]
"""(which training, epoch, of how many, mean loss) after each epoch."""

TRAINERS: dict[str, Callable[[Recipe, Signature, Rows], Trainer]] = {
    TextClassifier.name: TextTrainer,
    TabularClassifier.name: TabularClassifierTrainer,
    TabularRegressor.name: TabularRegressorTrainer,
}


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
    splits = _splits(recipe.evaluation, trainer.strata(), request.seed)
    said = []
    for number, split in enumerate(splits, start=1):
        name = f"fold {number} of {len(splits)}" if len(splits) > 1 else "held-back"
        fitted = trainer.fit(split.training, request.seed, _named(name, progress))
        said.append(trainer.said(fitted, split.held_back))
    judged = trainer.judge(splits, said, request.seed)
    everything = np.arange(len(rows)) if len(splits) > 1 else splits[0].training
    report = _named("final", progress)
    final = trainer.fit(everything, request.seed, report, request.start)
    final = trainer.finished(final, judged)
    reference = {
        "schema": 1,
        "features": feature_references(trainer.monitored(final, everything), request.seed)
        | judged.features,
        **judged.reference,
    }
    files = {
        "model.safetensors": tensors_as_bytes(final.state),
        "config.json": to_json(final.config),
        "signature.json": to_json(signature),
        "metrics.json": to_json(judged.metrics),
        "reference.json": to_json(reference),
        "golden.json": to_json(_golden(final, signature, recipe)),
        "lineage.json": to_json(
            lineage(
                data_digest=rows.digest,
                rows=len(rows),
                repeats=rows.repeats,
                seed=request.seed,
                hyperparameters=trainer.hyperparameters(),
                commit=request.commit,
                duration_seconds=time.monotonic() - began,
                why=request.why,
            )
        ),
    }
    if request.keep_training_state:
        files |= final.training.files()
    manifest = make_manifest(
        name=recipe.name,
        version=request.version,
        family=recipe.family,
        files=files,
        made_by="slipway train",
        now=request.now,
        parent=request.parent,
    )
    return Trained(manifest, files, judged.metrics)


def signature_of(recipe: Recipe) -> Signature:
    """Raises RecipeInvalid for fields that make no signature."""
    target = recipe.target
    kind: Literal["classification", "regression"] = (
        "classification" if target.labels else "regression"
    )
    try:
        return Signature(
            fields_of(recipe), Output(kind, tuple(target.labels.values()), target.unit)
        )
    except ValueError as wrong:
        raise RecipeInvalid(f"inputs: {wrong}") from None


def trainer_of(recipe: Recipe, signature: Signature, rows: Rows) -> Trainer:
    if recipe.family not in TRAINERS:
        known = ", ".join(sorted(TRAINERS))
        raise RecipeInvalid(f"There is no family {recipe.family!r}; there are {known}.")
    try:
        return TRAINERS[recipe.family](recipe, signature, rows)
    except ValueError as wrong:
        raise RecipeInvalid(str(wrong)) from None


def _splits(plan: Evaluation, strata: Sequence[str], seed: int) -> list[Split]:
    if plan.folds == 0:
        return [stratified_holdout(strata, plan.holdout, seed)]
    try:
        return list(stratified_folds(strata, plan.folds, seed))
    except ValueError as wrong:
        raise RecipeInvalid(f"evaluation: {wrong}") from None


def _golden(fitted: Fitted, signature: Signature, recipe: Recipe) -> list[GoldenRow]:
    """The recipe's own examples, with what the final weights answer."""
    if not recipe.golden:
        raise RecipeInvalid("A recipe needs at least one [[golden]] row.")
    family = fitted.family
    instances = [checked_instance(signature, dict(row)) for row in recipe.golden]
    network = network_with(family.build(), fitted.state, family.precision)
    answers = family.postprocess(network(family.preprocess(instances)))
    return [GoldenRow(i, a) for i, a in zip(instances, answers, strict=True)]


def _named(name: str, progress: Progress) -> Callable[[int, int, float], None]:
    return lambda epoch, epochs, loss: progress(name, epoch, epochs, loss)
