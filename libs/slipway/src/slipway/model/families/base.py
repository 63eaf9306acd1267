"""What a family is: everything around a network that turns rows into answers.

The steps are apart, so that rows of several requests can share one forward:
preprocess (a request) → join (requests) → network → postprocess (rows).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from slipway.model.prediction import Explanation, Prediction
from slipway.model.signature import Instance

Scores = NDArray[np.floating[Any]]
FeatureValue = float | str | None


class NotANumber(ArithmeticError):
    """The network's scores of a row are not finite: there is no answer in them."""


@dataclass(frozen=True)
class Inputs:
    """Rows made ready for the network: how many, and its arguments by name."""

    rows: int
    arrays: dict[str, NDArray[np.generic]]


# (arrays) → scores of shape (rows, outputs), on the CPU. A family may let its network tell more
# beside what it answers with.
Network = Callable[[Inputs], Scores]


class Family(Protocol):
    """One model's preprocessing and postprocessing, rebuilt from its config.json."""

    name: ClassVar[str]

    def network(self, weights: Path, device: str) -> Network:
        """Loads the weights strictly. Raises ArtifactRefused for missing, extra or misshapen ones."""

    def preprocess(self, instances: Sequence[Instance]) -> Inputs:
        """Validated instances as arrays."""

    def join(self, parts: Sequence[Inputs]) -> Inputs:
        """Several requests' rows as one, in order."""

    def postprocess(self, scores: Scores) -> list[Prediction]:
        """An answer for each row of scores."""

    def monitored(self, instance: Instance, scores: Scores) -> dict[str, FeatureValue]:
        """The values that drift is watched on; never raw text. scores: the network's row for it."""

    def unseen(self, instance: Instance) -> Sequence[str]:
        """The fields whose category training never saw."""

    def explain(self, instance: Instance, network: Network) -> Explanation:
        """Why the network answers a validated instance as it does."""
