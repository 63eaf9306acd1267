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
from slipway.model.training.trainers import Fitted, Integers, Judged, Start, Trainer
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
    made_by: str = "slipway train"
    # Told which rows are held back for good (none where every row is, once); keeps the training
    # set and says under which digest.
    keep: Callable[[Integers], str] | None = None


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
    splits = _splits(recipe.evaluation, rows, trainer.strata(), request.seed)
    dataset = None
    if request.keep is not None:
        dataset = request.keep(splits[0].held_back if len(splits) == 1 else np.arange(0))
    final, judged, trained_on = _fit(trainer, splits, len(rows), request, progress)
    # What traffic looks like now, where some rows say so; else the training rows.
    shown = splits[0].held_back if rows.held_back else trained_on
    reference = {
        "schema": 1,
        "features": feature_references(trainer.monitored(final, shown), request.seed)
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
                dataset=dataset,
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
        made_by=request.made_by,
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


def _fit(
    trainer: Trainer, splits: Sequence[Split], rows: int, request: Request, progress: Progress
) -> tuple[Fitted, Judged, Integers]:
    """The final model, what held-back rows say of it, and the rows that it was trained on."""
    if len(splits) == 1:
        trained_on = splits[0].training
        final = trainer.fit(trained_on, request.seed, _named("final", progress), request.start)
        judged = trainer.judge(splits, [trainer.said(final, splits[0].held_back)], request.seed)
        return trainer.finished(final, judged), judged, trained_on
    said = []
    for number, split in enumerate(splits, start=1):
        name = f"fold {number} of {len(splits)}"
        fitted = trainer.fit(split.training, request.seed, _named(name, progress))
        said.append(trainer.said(fitted, split.held_back))
    judged = trainer.judge(splits, said, request.seed)
    everything = np.arange(rows)
    final = trainer.fit(everything, request.seed, _named("final", progress), request.start)
    return trainer.finished(final, judged), judged, everything


def _splits(plan: Evaluation, rows: Rows, strata: Sequence[str], seed: int) -> list[Split]:
    if rows.held_back:
        held_back = np.array(sorted(rows.held_back), dtype=np.int64)
        return [Split(np.setdiff1d(np.arange(len(rows)), held_back), held_back)]
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
