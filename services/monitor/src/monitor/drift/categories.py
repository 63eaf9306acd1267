"""A categorical feature of a window against its reference."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.drift.figures import (
    FeatureDrift,
    Figure,
    Value,
    row_places,
    shares_of,
    state_before_judgement,
)
from monitor.drift.histograms import aligned, counts_of_categories, effective_rows
from monitor.drift.limits import (
    JENSEN_SHANNON_THRESHOLD,
    NEW_CATEGORY_THRESHOLD,
    NOISE_FACTOR,
    PSI_THRESHOLD,
    SIGNIFICANCE,
)
from monitor.drift.reference import CategoryReference
from monitor.drift.statistics import (
    chi_squared_p_value,
    jensen_shannon_distance,
    jensen_shannon_without_drift,
    population_stability_index,
    psi_without_drift,
)

Floats = NDArray[np.float64]


def compare_categories(
    reference: CategoryReference, values: Sequence[Value], weights: Floats, features: int
) -> FeatureDrift:
    """One categorical feature, not yet judged. features: how many are compared at once."""
    places = row_places(values, numbers=False)
    mass = weights[places] if places else np.zeros(0)
    current = counts_of_categories([as_text(values[i]) for i in places], mass)
    n = effective_rows(mass)
    cells, before, now = aligned(reference.counts, current)
    figures: dict[str, Figure] = {}
    p_value = None
    if places:
        # As many rows as they are worth, so that sampled ones do not count for more than they say.
        p_value = chi_squared_p_value(before, now * (n / now.sum()))
        confidence = 1 - SIGNIFICANCE / features
        noise = jensen_shannon_without_drift(len(cells), n, reference.n, confidence)
        least = max(JENSEN_SHANNON_THRESHOLD, math.sqrt(NOISE_FACTOR) * noise)
        new = sum(count for name, count in current.items() if name not in reference.counts)
        psi_noise = psi_without_drift(len(cells), n, reference.n, confidence)
        figures = {
            "jensen_shannon": Figure(jensen_shannon_distance(before, now), least, decides=True),
            "psi": Figure(
                population_stability_index(before, now),
                max(PSI_THRESHOLD, NOISE_FACTOR * psi_noise),
            ),
            "new_category_rate": Figure(new / float(mass.sum()), NEW_CATEGORY_THRESHOLD),
        }
    return FeatureDrift(
        kind="category",
        state=state_before_judgement(n, reference.n),
        n=n,
        p_value=p_value,
        figures=figures,
        cells=tuple(cells),
        reference=shares_of(before),
        current=shares_of(now),
    )


def as_text(value: Value) -> str:
    """A category's name; numbers as people write them."""
    return value if isinstance(value, str) else f"{value:.15g}"
