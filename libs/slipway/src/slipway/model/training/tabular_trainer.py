"""The tabular families as `train` sees them."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec
import numpy as np

from slipway.core.errors import RecipeInvalid
from slipway.model.families.base import FeatureValue
from slipway.model.families.tabular import (
    REGRESSION_OUTPUTS,
    Tabular,
    TabularClassifier,
    TabularRegressor,
)
from slipway.model.families.tabular_config import Shape, TabularConfig, Target
from slipway.model.families.tabular_network import TabularNetwork
from slipway.model.signature import Signature
from slipway.model.torch_network import network_with
from slipway.model.training.fit_tabular import (
    TabularTrainingOptions,
    fit_tabular,
    interval_loss,
    label_loss,
)
from slipway.model.training.judging_labels import judge_labels
from slipway.model.training.judging_numbers import judge_numbers
from slipway.model.training.readers import Rows
from slipway.model.training.recipe import Recipe
from slipway.model.training.splits import Split
from slipway.model.training.tabular_encoding import EncodingOptions, encoding_of
from slipway.model.training.trainers import Fitted, Floats, Integers, Judged, Progress, Start

_STRATA = 10


class TabularHyperparameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[hyperparameters] of a tabular recipe."""

    encoding: EncodingOptions = EncodingOptions()
    shape: Shape = Shape()
    training: TabularTrainingOptions = TabularTrainingOptions()


class TabularTrainer:
    """What both families share: encodings come from the training rows of each fit alone."""

    def __init__(self, recipe: Recipe, signature: Signature, rows: Rows) -> None:
        try:
            self._chosen = msgspec.convert(recipe.hyperparameters, TabularHyperparameters)
        except ValueError as wrong:
            raise RecipeInvalid(f"hyperparameters: {wrong}") from None
        self._check_columns(signature)
        self._signature = signature
        self._rows = rows

    def _check_columns(self, signature: Signature) -> None:
        numeric = {f.name for f in signature.inputs if f.type in ("number", "integer")}
        encoding = self._chosen.encoding
        named = [name for derived in encoding.derived for name in derived.of]
        named += [name for crossing in encoding.crosses for name in crossing.columns]
        if strange := set(named) - numeric:
            raise RecipeInvalid(f"encoding: {sorted(strange)[0]!r} is no numeric input.")

    def hyperparameters(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(self._chosen)
        return found

    def _instances(self, rows: Integers) -> list[dict[str, Any]]:
        return [self._rows.instances[row] for row in rows]

    def _config(self, rows: Integers, target: Target | None, start: Start | None) -> TabularConfig:
        if start is not None:  # weights fit the encoding that they were trained with
            return msgspec.json.decode(start.config, type=TabularConfig)
        chosen = self._chosen
        instances = self._instances(rows)
        return encoding_of(instances, self._signature, chosen.encoding, chosen.shape, target)

    def monitored(self, fitted: Fitted, rows: Integers) -> Sequence[Mapping[str, FeatureValue]]:
        nothing: Floats = np.zeros(0)  # of the network; fields are watched as they came
        return [fitted.family.monitored(instance, nothing) for instance in self._instances(rows)]

    def _meanings(self, fitted: Fitted, rows: Integers) -> Floats:
        family = cast(Tabular, fitted.family)
        network = network_with(family.build(), fitted.state, family.precision)
        return family.meanings(network(family.preprocess(self._instances(rows))))


class TabularClassifierTrainer(TabularTrainer):
    """The family `tabular-classifier`."""

    def __init__(self, recipe: Recipe, signature: Signature, rows: Rows) -> None:
        super().__init__(recipe, signature, rows)
        self._names = signature.output.labels
        self._labels = [str(label) for label in rows.targets]
        place = {label: index for index, label in enumerate(self._names)}
        self._truth = np.array([place[label] for label in self._labels], dtype=np.int64)

    def strata(self) -> Sequence[str]:
        return self._labels

    def fit(
        self, rows: Integers, seed: int, progress: Progress, start: Start | None = None
    ) -> Fitted:
        family = TabularClassifier(self._config(rows, None, start), self._signature)
        options, outputs = self._chosen.training, len(self._names)
        state, training = fit_tabular(
            lambda: TabularNetwork(family.config, outputs, options.dropout),
            family.preprocess(self._instances(rows)).arrays,
            self._truth[rows],
            label_loss,
            options,
            seed=seed,
            progress=progress,
            start=start,
        )
        return Fitted(family, family.config, state, training)

    def said(self, fitted: Fitted, rows: Integers) -> Floats:
        return self._meanings(fitted, rows)

    def judge(self, splits: Sequence[Split], said: Sequence[Floats], seed: int) -> Judged:
        return judge_labels(self._names, self._truth, self._rows.groups, splits, said, seed)

    def finished(self, fitted: Fitted, judged: Judged) -> Fitted:
        return fitted


class TabularRegressorTrainer(TabularTrainer):
    """The family `tabular-regressor`."""

    def __init__(self, recipe: Recipe, signature: Signature, rows: Rows) -> None:
        super().__init__(recipe, signature, rows)
        self._coverage = recipe.target.coverage
        self._truth = np.array(rows.targets, dtype=np.float64)

    def strata(self) -> Sequence[str]:
        """Tenths of the target's distribution."""
        edges = np.quantile(self._truth, np.linspace(0, 1, _STRATA + 1)[1:-1])
        return [str(part) for part in np.searchsorted(edges, self._truth).tolist()]

    def fit(
        self, rows: Integers, seed: int, progress: Progress, start: Start | None = None
    ) -> Fitted:
        truth = self._truth[rows]
        target = Target(float(truth.mean()), float(truth.std()) or 1.0, self._coverage)
        family = TabularRegressor(self._config(rows, target, start), self._signature)
        options = self._chosen.training
        scaled = ((truth - family.target.centre) / family.target.scale).astype(np.float32)
        state, training = fit_tabular(
            lambda: TabularNetwork(family.config, REGRESSION_OUTPUTS, options.dropout),
            family.preprocess(self._instances(rows)).arrays,
            scaled,
            interval_loss(self._coverage),
            options,
            seed=seed,
            progress=progress,
            start=start,
        )
        return Fitted(family, family.config, state, training)

    def said(self, fitted: Fitted, rows: Integers) -> Floats:
        return self._meanings(fitted, rows)

    def judge(self, splits: Sequence[Split], said: Sequence[Floats], seed: int) -> Judged:
        return judge_numbers(self._truth, self._coverage, splits, said, seed)

    def finished(self, fitted: Fitted, judged: Judged) -> Fitted:
        """With the margin that held-back rows asked for."""
        before = cast(TabularRegressor, fitted.family)
        target = msgspec.structs.replace(before.target, margin=judged.margin)
        config = msgspec.structs.replace(before.config, target=target)
        family = TabularRegressor(config, self._signature)
        return Fitted(family, config, fitted.state, fitted.training)
