"""Everything that has to be so before a model is trained again, and the set it would be trained on.

Reads only: a dry run is this and no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from monitor.models import Models
from monitor.prediction_log.opening import PredictionLog
from monitor.prediction_log.window_rows import Version
from monitor.retraining.brakes import WEEK_SECONDS, Brakes, Refused
from monitor.retraining.knowing import known_of, open_faults
from monitor.retraining.labelled import labelled_rows
from monitor.retraining.making_set import Bounds, MadeSet, make_set
from monitor.retraining.record import begun_since, open_retrainings, retrainings_of
from monitor.retraining.trigger import Trigger, find_trigger
from slipway.core.errors import ArtifactRefused, ModelNotFound, NotFound
from slipway.model.aliases import Alias
from slipway.model.datasets.keeping import read_manifest, read_rows
from slipway.model.datasets.records import DatasetManifest
from slipway.model.registry import Registry
from slipway.model.retrain_requests import RetrainRequest, no_champion
from slipway.model.training.recipe import Recipe


@dataclass(frozen=True)
class Prepared:
    """A retraining that may begin."""

    registry: Registry
    trigger: Trigger
    alias: Alias
    version: str
    parent: DatasetManifest
    recipe: Recipe
    made: MadeSet


@dataclass(frozen=True)
class Preparing:
    """every_seconds: the schedule. max_labels: the newest labelled rows that are looked at."""

    log: PredictionLog
    models: Models
    registry: Registry | None
    brakes: Brakes
    bounds: Bounds
    every_seconds: float
    max_labels: int

    def trigger(self, model: str, now: float) -> Trigger | None:
        """The reason to train again that the figures give, whether or not it may be done."""
        champion = self.models.champion(model)
        if champion is None:
            return None
        with self.log.reading() as connection:
            begun = begun_since(connection, model, 0.0)
            since = max([champion.time, *begun])
            known = known_of(connection, self.models, Version(model, champion.version), since)
        return find_trigger(known, self.every_seconds, now)

    def prepare(
        self, model: str, trigger: Trigger, now: float, asked: RetrainRequest | None = None
    ) -> Prepared:
        """Raises Refused with what is missing, Unavailable when the store is away."""
        registry, alias = self._champion(model)
        signature = self.models.signature(model, alias.champion)
        if signature is None:
            raise Refused("no_data", f"The signature of {model} {alias.champion} cannot be read.")
        with self.log.reading() as connection:
            if any(record.model == model for record in open_retrainings(connection)):
                raise Refused("open", "One retraining of this model is open already.")
            faults = open_faults(connection, Version(model, alias.champion), signature)
            if faults:
                raise Refused(
                    "data_fault",
                    f"Broken data in {', '.join(faults)}: mend the source first. This is no drift.",
                )
            begun = begun_since(connection, model, now - WEEK_SECONDS)
            self.brakes.check(begun, now, asked=asked is not None)
            labelled = labelled_rows(connection, model, self.max_labels)
            numbers = [record.version for record in retrainings_of(connection, model)]
        parent = self._parent(registry, model, alias.champion)
        made = make_set(read_rows(registry.store, parent), labelled, signature, self.bounds)
        recipe = self._recipe(parent, asked)
        version = next_version(alias.champion, [*registry.version_names(model), *numbers])
        return Prepared(registry, trigger, alias, version, parent, recipe, made)

    def _champion(self, model: str) -> tuple[Registry, Alias]:
        if self.registry is None:
            raise Refused("no_store", "There is no store to train in: set SLIPWAY_STORE_URL.")
        try:
            alias = self.registry.newest(model)
        except (ArtifactRefused, ModelNotFound) as wrong:
            raise Refused("no_champion", str(wrong)) from None
        if alias is None:
            raise Refused("no_champion", no_champion(model))
        return self.registry, alias

    def _parent(self, registry: Registry, model: str, champion: str) -> DatasetManifest:
        missing = (
            f"What {model} {champion} was trained on is not in the store: train it with "
            "`slipway train` over this store, and without --no-keep-data."
        )
        try:
            lineage = msgspec.json.decode(registry.read(model, champion, "lineage.json"))
            digest = lineage["data"].get("dataset")
            if not digest:
                raise Refused("no_data", missing)
            return read_manifest(registry.store, digest)
        except (ModelNotFound, NotFound, KeyError, msgspec.DecodeError):
            raise Refused("no_data", missing) from None

    def _recipe(self, parent: DatasetManifest, asked: RetrainRequest | None) -> Recipe:
        recipe = parent.recipe if asked is None or asked.recipe is None else asked.recipe
        before = (parent.recipe.name, parent.recipe.inputs, parent.recipe.target)
        if (recipe.name, recipe.inputs, recipe.target) != before:
            raise Refused(
                "other_recipe", "The recipe has other inputs or another target than the champion's."
            )
        return recipe


def next_version(champion: str, taken: Sequence[str]) -> str:
    """The champion's number with the next free middle one: 1.2.3 → 1.3.0."""
    major, minor = (int(number) for number in champion.partition("-")[0].split(".")[:2])
    while True:
        minor += 1
        if (version := f"{major}.{minor}.0") not in taken:
            return version
