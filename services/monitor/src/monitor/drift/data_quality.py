"""Is the data itself broken? Apart from drift: a fault is mended at its source, not by retraining."""

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import stats

from monitor.drift.categories import as_text
from monitor.drift.figures import Value
from monitor.drift.histograms import as_sampled, effective_rows
from monitor.drift.limits import MIN_ROWS
from monitor.drift.reference import CategoryReference, FeatureReference, NumericReference, Reference
from monitor.drift.statistics import kolmogorov_smirnov, weighted_median

Floats = NDArray[np.float64]

# Shares of rows; a share counts only where it is also more than chance would have it.
MISSING_THRESHOLD = 0.05
OUT_OF_RANGE_THRESHOLD = 0.05
UNSEEN_THRESHOLD = 0.05
SIGNIFICANCE = 0.001
# A unit changed where the median is off by so much, the raw values fit badly and, divided by
# the factor, fit well.
UNIT_FACTOR = 2.5
FITS_BADLY, FITS_WELL = 0.3, 0.15


class Check(msgspec.Struct, frozen=True):
    """One question to a feature's values. value and threshold: shares of rows, for `unit_change`
    the factor by which the median is off, for `constant` 1 or 0. expected: by the reference."""

    value: float
    threshold: float
    fault: bool
    expected: float = 0.0


def check(
    reference: Reference, columns: Mapping[str, Sequence[Value]], weights: Floats
) -> dict[str, dict[str, Check]]:
    """Each feature's checks by name; none under 500 rows. columns: a value a row, None where missing."""
    if effective_rows(weights) <= MIN_ROWS - 0.5:
        return {}
    return {
        name: _check_one(feature, columns.get(name, [None] * len(weights)), weights)
        for name, feature in reference.features.items()
        if feature.usable
    }


def _check_one(
    reference: FeatureReference, values: Sequence[Value], weights: Floats
) -> dict[str, Check]:
    is_number = isinstance(reference, NumericReference)
    fits = [isinstance(v, int | float) if is_number else v is not None for v in values]
    present = np.array(fits, dtype=bool)
    expected = reference.missing / max(1, reference.n + reference.missing)
    rows = effective_rows(weights)
    missing = float(weights[~present].sum() / weights.sum())
    found = {"missing": _share(missing, expected, rows, MISSING_THRESHOLD)}
    if not present.any():
        return found
    kept = [value for value, fit in zip(values, fits, strict=True) if fit]
    mass = weights[present]
    if isinstance(reference, CategoryReference):
        return found | _category_checks(reference, [as_text(value) for value in kept], mass)
    return found | _number_checks(reference, np.array(kept, dtype=np.float64), mass)


def _share(value: float, expected: float, n: float, threshold: float) -> Check:
    """A share of n rows that is too large by at least `threshold`, and not by chance."""
    hits = round(value * n)
    by_chance = float(stats.binom.sf(hits - 1, max(1, round(n)), min(1.0, max(expected, 1e-6))))
    fault = value - expected >= threshold and by_chance < SIGNIFICANCE
    return Check(value, expected + threshold, fault, expected)


def _category_checks(
    reference: CategoryReference, values: Sequence[str], mass: Floats
) -> dict[str, Check]:
    unseen = np.array([value not in reference.counts for value in values])
    share = float(mass[unseen].sum() / mass.sum())
    # Where many categories were seen once, new ones will go on to come. Good (1953), Turing's estimate.
    seen_once = sum(count == 1 for count in reference.counts.values()) / reference.n
    return {
        "unseen_category": _share(share, seen_once, effective_rows(mass), UNSEEN_THRESHOLD),
        "constant": _constant(len(set(values)) == 1, len(reference.counts) > 1),
    }


def _number_checks(reference: NumericReference, values: Floats, mass: Floats) -> dict[str, Check]:
    values, sample = as_sampled(values), as_sampled(np.array(reference.sample))
    outside = (values < reference.low) | (values > reference.high)
    share = float(mass[outside].sum() / mass.sum())
    varied = reference.sample[0] != reference.sample[-1]
    return {
        "out_of_range": _share(share, 0.0, effective_rows(mass), OUT_OF_RANGE_THRESHOLD),
        "constant": _constant(bool(values.min() == values.max()), varied),
        "unit_change": _unit_change(sample, values, mass),
    }


def _constant(is_constant: bool, varied_before: bool) -> Check:
    return Check(float(is_constant), 1.0, is_constant and varied_before)


def _unit_change(sample: Floats, values: Floats, mass: Floats) -> Check:
    """The factor by which the median is off, and whether dividing by it makes the values fit."""
    usual, now = float(np.median(sample)), weighted_median(values, mass)
    if usual == 0 or now == 0 or (usual > 0) != (now > 0):
        return Check(1.0, UNIT_FACTOR, fault=False, expected=1.0)
    factor = now / usual
    if abs(math.log(factor)) < math.log(UNIT_FACTOR):
        return Check(factor, UNIT_FACTOR, fault=False, expected=1.0)
    raw, _ = kolmogorov_smirnov(sample, values, mass)
    rescaled, _ = kolmogorov_smirnov(sample, values / factor, mass)
    return Check(factor, UNIT_FACTOR, raw >= FITS_BADLY and rescaled <= FITS_WELL, expected=1.0)
