"""A numeric feature of a window against its reference."""

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
from monitor.drift.histograms import as_sampled, bounded, counts_over_bins, effective_rows
from monitor.drift.limits import (
    KOLMOGOROV_SMIRNOV_THRESHOLD,
    MEAN_THRESHOLD,
    NOISE_FACTOR,
    PSI_THRESHOLD,
    SIGNIFICANCE,
    VARIANCE_THRESHOLD,
    WASSERSTEIN_NOISE,
    WASSERSTEIN_THRESHOLD,
)
from monitor.drift.reference import NumericReference
from monitor.drift.statistics import (
    kolmogorov_smirnov,
    means_p_value,
    population_stability_index,
    psi_without_drift,
    wasserstein_distance,
    weighted_mean_and_variance,
)

Floats = NDArray[np.float64]


def compare_numbers(
    reference: NumericReference, values: Sequence[Value], weights: Floats, features: int
) -> FeatureDrift:
    """One numeric feature, not yet judged. features: how many are compared at once."""
    places = row_places(values, numbers=True)
    numbers = bounded(np.array([values[i] for i in places], dtype=np.float64))
    mass = weights[places] if places else np.zeros(0)
    n = effective_rows(mass)
    before = np.array(reference.counts, dtype=np.float64)
    now = counts_over_bins(numbers, np.array(reference.bin_edges), mass)
    figures: dict[str, Figure] = {}
    p_value = None
    if len(numbers):
        sample = as_sampled(np.array(reference.sample))
        distance, p_value = kolmogorov_smirnov(sample, as_sampled(numbers), mass)
        mean, variance = weighted_mean_and_variance(numbers, mass)
        figures = _figures(reference, numbers, mass, mean, variance, before, now, n, features)
        noise = _kolmogorov_noise(n, len(reference.sample), SIGNIFICANCE / features)
        # Of a constant there are no quantiles and no deviation; any other value is far from it.
        constant = reference.variance == 0
        figures["ks"] = Figure(distance, max(KOLMOGOROV_SMIRNOV_THRESHOLD, noise), decides=constant)
        if reference.mean is not None and reference.variance:
            # What is rare and large moves the mean and hardly the distribution function: both are asked.
            of_means = means_p_value(
                (reference.mean, reference.variance, reference.n), (mean, variance, n)
            )
            p_value = min(1.0, 2 * min(p_value, of_means))
    return FeatureDrift(
        kind="number",
        state=state_before_judgement(n, reference.n),
        n=n,
        p_value=p_value,
        figures=figures,
        cells=(),
        reference=shares_of(before),
        current=shares_of(now),
    )


def _figures(
    reference: NumericReference,
    numbers: Floats,
    mass: Floats,
    mean: float,
    variance: float,
    before: Floats,
    now: Floats,
    n: float,
    features: int,
) -> dict[str, Figure]:
    noise = psi_without_drift(len(before), n, reference.n, 1 - SIGNIFICANCE / features)
    psi = population_stability_index(before, now)
    figures = {"psi": Figure(psi, max(PSI_THRESHOLD, NOISE_FACTOR * noise), decides=True)}
    if reference.variance is None or reference.mean is None or reference.variance <= 0:
        return figures
    deviation = math.sqrt(reference.variance)
    sample = np.array(reference.sample)
    moved = wasserstein_distance(sample, numbers, mass) / deviation
    noise = WASSERSTEIN_NOISE * math.sqrt(NOISE_FACTOR * (1 / n + 1 / len(sample)))
    return figures | {
        "wasserstein": Figure.bounded(moved, max(WASSERSTEIN_THRESHOLD, noise), decides=True),
        "delta_mean": Figure.bounded(
            (mean - reference.mean) / deviation, max(MEAN_THRESHOLD, noise)
        ),
        "delta_variance": Figure.bounded(variance / reference.variance - 1, VARIANCE_THRESHOLD),
    }


def _kolmogorov_noise(n: float, m: int, level: float) -> float:
    """The distance that is not reached by chance, with a chance of `level`. Smirnov (1948)."""
    return math.sqrt(-math.log(level / 2) / 2 * NOISE_FACTOR * (1 / n + 1 / m))
