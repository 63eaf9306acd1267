"""What ships in the artifact to compare with: reference.json, read for what this release needs."""

from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Names beside the model's own features; no field of a signature starts with an underscore of ours.
PREDICTION, CONFIDENCE = "_prediction", "_confidence"


class NumericReference(msgspec.Struct, frozen=True, tag_field="type", tag="number"):
    """bin_edges: inner edges; counts: one more. sample: sorted, at most 2,000 values."""

    n: int
    bin_edges: tuple[float, ...]
    counts: tuple[int, ...]
    sample: tuple[float, ...]
    mean: float | None = None
    variance: float | None = None
    missing: int = 0
    minimum: float | None = None
    maximum: float | None = None

    @property
    def usable(self) -> bool:
        return self.n > 0 and len(self.sample) > 0

    @property
    def low(self) -> float:
        return self.sample[0] if self.minimum is None else self.minimum

    @property
    def high(self) -> float:
        return self.sample[-1] if self.maximum is None else self.maximum


class CategoryReference(msgspec.Struct, frozen=True, tag_field="type", tag="category"):
    """counts: rows of each category."""

    n: int
    counts: dict[str, int]
    missing: int = 0

    @property
    def usable(self) -> bool:
        return self.n > 0


FeatureReference = NumericReference | CategoryReference


class Calibration(msgspec.Struct, frozen=True):
    """Equally wide bins of confidence over 0..1, on held-back rows: rows, and how many were right."""

    bins: int
    counts: tuple[int, ...]
    mean_confidence: tuple[float, ...]
    accuracy: tuple[float, ...]


class WidthCalibration(msgspec.Struct, frozen=True):
    """Bins of intervals of about one width, narrow ones first, on held-back rows: rows, mean width,
    how far the number was from the truth (mean and variance), and how often the interval held it."""

    counts: tuple[int, ...]
    mean_width: tuple[float, ...]
    mean_distance: tuple[float, ...]
    variance_of_distance: tuple[float, ...]
    covered: tuple[float, ...]


class Intervals(msgspec.Struct, frozen=True):
    """A regression's intervals; versions that were trained before have no calibration."""

    calibration: WidthCalibration | None = None


class Reference(msgspec.Struct, frozen=True):
    """Features over training rows; predictions, confidence and calibration over held-back rows."""

    schema: int
    features: dict[str, FeatureReference]
    predictions: FeatureReference | None = None
    confidence: NumericReference | None = None
    calibration: Calibration | None = None
    interval: Intervals | None = None

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Raises ValueError for anything that is no reference of this schema."""
        reference = msgspec.json.decode(body, type=cls)
        if reference.schema != 1:
            raise ValueError(f"reference schema {reference.schema}, this release reads 1")
        return reference

    @classmethod
    def from_builtins(cls, value: dict[str, Any]) -> Self:
        return msgspec.convert(value, cls)

    def watched(self) -> dict[str, FeatureReference]:
        """Everything that is compared, by name."""
        found = dict(self.features)
        if self.predictions is not None:
            found[PREDICTION] = self.predictions
        if self.confidence is not None:
            found[CONFIDENCE] = self.confidence
        return {name: reference for name, reference in found.items() if reference.usable}
