"""What `train` needs of a family: fit some rows, say something of others, and judge what was said."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from slipway.model.families.base import Family, FeatureValue
from slipway.model.training.splits import Split
from slipway.model.training.state import TrainingState

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

Progress = Callable[[int, int, float], None]
"""(epoch, of how many, mean loss) after each epoch."""


@dataclass(frozen=True)
class Start:
    """A version's configuration, weights and training state to go on from."""

    config: bytes
    weights: dict[str, torch.Tensor]
    state: TrainingState


class TrainableFamily(Family, Protocol):
    """A family whose network is ours."""

    precision: ClassVar[torch.dtype | None]

    def build(self) -> torch.nn.Module:
        """The module that answers."""


@dataclass(frozen=True)
class Fitted:
    """A family as it came out of training rows, its weights on the CPU, and what is needed to go on."""

    family: TrainableFamily
    config: msgspec.Struct
    state: dict[str, torch.Tensor]
    training: TrainingState


@dataclass(frozen=True)
class Judged:
    """What held-back rows say: metrics.json, reference.json's part on predictions, how much
    intervals have to be widened (0 for classifications), and the references of those monitored
    features of which rows that were trained on would tell another story."""

    metrics: dict[str, Any]
    reference: dict[str, Any]
    margin: float = 0.0
    features: dict[str, dict[str, Any]] = field(default_factory=dict)


class Trainer(Protocol):
    """One family over the rows of one training."""

    def hyperparameters(self) -> dict[str, Any]:
        """What is used, defaults included."""

    def strata(self) -> Sequence[str]:
        """For each row the stratum of which every split has its share."""

    def fit(
        self, rows: Integers, seed: int, progress: Progress, start: Start | None = None
    ) -> Fitted:
        """Trains on these rows alone, from nothing or on from `start`."""

    def said(self, fitted: Fitted, rows: Integers) -> Floats:
        """What the fitted model says of rows: probabilities, or numbers with their intervals' ends."""

    def monitored(self, fitted: Fitted, rows: Integers) -> Sequence[Mapping[str, FeatureValue]]:
        """Of training rows the monitored features, but for those that held-back rows tell."""

    def judge(self, splits: Sequence[Split], said: Sequence[Floats], seed: int) -> Judged:
        """Of what was said of each split's held-back rows."""

    def finished(self, fitted: Fitted, judged: Judged) -> Fitted:
        """The final model with what was learned from held-back rows."""
