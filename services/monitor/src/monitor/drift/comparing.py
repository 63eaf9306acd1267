"""One window against the reference: each feature's statistics with thresholds, and a verdict.

A feature is over its threshold only where an effect size is over its own *and* the difference
is significant after correction for the number of features: a p-value alone flags differences
that nobody cares about, an effect size alone flags noise in small samples.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitor.drift.categories import compare_categories
from monitor.drift.figures import FeatureDrift, State, Value
from monitor.drift.limits import SIGNIFICANCE
from monitor.drift.numbers import compare_numbers
from monitor.drift.reference import FeatureReference, NumericReference, Reference
from monitor.drift.statistics import holm

Floats = NDArray[np.float64]


def compare(
    reference: Reference, columns: Mapping[str, Sequence[Value]], weights: Floats
) -> dict[str, FeatureDrift]:
    """Each watched feature of a window, by name. columns: a value a row, None where it is missing."""
    watched = reference.watched()
    found = {
        name: _compare_one(feature, columns.get(name, ()), weights, len(watched))
        for name, feature in watched.items()
    }
    p_values = {
        name: drift.p_value
        for name, drift in found.items()
        if drift.p_value is not None and drift.state != "insufficient_data"
    }
    corrected = holm(p_values)
    return {
        name: _judged(drift, corrected[name]) if name in corrected else drift
        for name, drift in found.items()
    }


def _judged(drift: FeatureDrift, p_value: float) -> FeatureDrift:
    decisive = any(figure.decides and figure.over for figure in drift.figures.values())
    state: State = "over" if decisive and p_value < SIGNIFICANCE else "ok"
    return msgspec.structs.replace(drift, p_value=p_value, state=state)


def _compare_one(
    reference: FeatureReference, values: Sequence[Value], weights: Floats, features: int
) -> FeatureDrift:
    if isinstance(reference, NumericReference):
        return compare_numbers(reference, values, weights, features)
    return compare_categories(reference, values, weights, features)
