"""Each statistic against cases worked by hand, against scipy, and against what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import spatial, stats

from monitor.drift.statistics import (
    chi_squared_p_value,
    holm,
    jensen_shannon_distance,
    jensen_shannon_without_drift,
    kolmogorov_smirnov,
    means_p_value,
    population_stability_index,
    psi_without_drift,
    wasserstein_distance,
    weighted_mean_and_variance,
    weighted_median,
)

Floats = NDArray[np.float64]


def array(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


counts = (
    st.lists(st.integers(0, 10_000), min_size=2, max_size=12)
    .filter(any)
    .map(lambda values: np.array(values, dtype=np.float64))
)
pairs = st.integers(2, 12).flatmap(
    lambda cells: st.tuples(
        *[
            st.lists(st.integers(0, 10_000), min_size=cells, max_size=cells)
            .filter(any)
            .map(lambda values: np.array(values, dtype=np.float64))
            for _ in range(2)
        ]
    )
)
samples = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60).map(
    lambda values: np.array(values, dtype=np.float64)
)


@pytest.mark.parametrize(
    ("reference", "current", "expected"),
    [
        (array(50, 50), array(50, 50), 0.0),
        # (.25 - .5) ln(.25/.5) + (.75 - .5) ln(.75/.5)
        (array(50, 50), array(25, 75), 0.25 * math.log(2) + 0.25 * math.log(1.5)),
        # an empty cell counts as 1e-4: (.0001 - .5) ln(.0002) + (1 - .5) ln 2
        (array(50, 50), array(0, 7), -0.4999 * math.log(0.0002) + 0.5 * math.log(2)),
        # four equal cells against .4 .3 .2 .1
        (
            array(25, 25, 25, 25),
            array(4, 3, 2, 1),
            0.15 * math.log(1.6)
            + 0.05 * math.log(1.2)
            - 0.05 * math.log(0.8)
            - 0.15 * math.log(0.4),
        ),
    ],
)
def test_the_stability_index_of_hand_worked_histograms(
    reference: Floats, current: Floats, expected: float
) -> None:
    assert population_stability_index(reference, current) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("reference", "current", "expected"),
    [
        (array(3, 1), array(6, 2), 0.0),
        (array(1, 0), array(0, 1), 1.0),
        # the middle of (.5, .5) and (1, 0) is (.75, .25), whose entropy is 0.811278 bits
        (array(5, 5), array(9, 0), math.sqrt(0.8112781244591328 - 0.5)),
    ],
)
def test_the_jensen_shannon_distance_of_hand_worked_histograms(
    reference: Floats, current: Floats, expected: float
) -> None:
    assert jensen_shannon_distance(reference, current) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("measure", [population_stability_index, jensen_shannon_distance])
@pytest.mark.parametrize(
    ("reference", "current"),
    [(array(1, 2), array(1, 2, 3)), (array(0, 0), array(1, 2)), (array(1, 2), array(0, 0))],
)
def test_what_cannot_be_compared_is_refused(
    measure: object, reference: Floats, current: Floats
) -> None:
    assert callable(measure)
    with pytest.raises(ValueError):
        measure(reference, current)


@given(pairs)
def test_the_stability_index_is_never_negative_and_has_no_direction(
    pair: tuple[Floats, Floats],
) -> None:
    forth = population_stability_index(*pair)
    assert forth >= 0
    assert forth == pytest.approx(population_stability_index(pair[1], pair[0]))


@given(pairs, st.integers(2, 50))
def test_the_stability_index_depends_on_shares_only(
    pair: tuple[Floats, Floats], times: int
) -> None:
    once = population_stability_index(*pair)
    assert population_stability_index(pair[0] * times, pair[1]) == pytest.approx(once)


@given(counts)
def test_a_histogram_is_not_far_from_itself(histogram: Floats) -> None:
    assert population_stability_index(histogram, histogram) == 0
    assert jensen_shannon_distance(histogram, histogram) == pytest.approx(0, abs=1e-7)


@given(pairs)
def test_the_jensen_shannon_distance_is_scipys_and_at_most_one(
    pair: tuple[Floats, Floats],
) -> None:
    found = jensen_shannon_distance(*pair)
    theirs = float(spatial.distance.jensenshannon(*pair, base=2))
    assert found == pytest.approx(0.0 if math.isnan(theirs) else theirs, abs=1e-6)
    assert 0 <= found <= 1


@given(samples, samples)
def test_with_equal_weights_the_kolmogorov_smirnov_figures_are_scipys(
    reference: Floats, current: Floats
) -> None:
    distance, p_value = kolmogorov_smirnov(np.sort(reference), current, np.ones(len(current)))
    theirs = stats.ks_2samp(reference, current, method="asymp")
    assert distance == pytest.approx(theirs.statistic, abs=1e-12)
    assert p_value == pytest.approx(theirs.pvalue, abs=1e-9)


@given(samples, samples, st.integers(2, 5))
def test_a_row_of_weight_k_moves_the_distribution_as_k_rows_would(
    reference: Floats, current: Floats, k: int
) -> None:
    weighted, _ = kolmogorov_smirnov(
        np.sort(reference), current, np.r_[k, np.ones(len(current) - 1)]
    )
    repeated = np.r_[np.repeat(current[0], k - 1), current]
    assert weighted == pytest.approx(stats.ks_2samp(reference, repeated).statistic, abs=1e-9)


def test_the_kolmogorov_smirnov_distance_of_a_hand_worked_pair() -> None:
    distance, _ = kolmogorov_smirnov(array(1, 2, 3, 4), array(3, 4, 5, 6), np.ones(4))
    assert distance == 0.5


@given(samples, st.floats(-1e3, 1e3))
def test_moving_everything_by_d_is_a_wasserstein_distance_of_d(sample: Floats, d: float) -> None:
    moved = wasserstein_distance(sample, sample + d, np.ones(len(sample)))
    assert moved == pytest.approx(abs(d), abs=1e-6)


def test_chi_squared_of_a_table_without_rare_cells_is_scipys() -> None:
    reference, current = array(400, 300, 300), array(70, 90, 40)
    theirs = stats.chi2_contingency(np.vstack([reference, current]), correction=False).pvalue
    assert chi_squared_p_value(reference, current) == pytest.approx(theirs)


def test_chi_squared_takes_rare_cells_together() -> None:
    # five expected of the smaller sample are 55 of the 1,100 rows: 4 and 7 are too few, also as 11
    found = chi_squared_p_value(array(500, 490, 6, 4), array(60, 39, 1, 0))
    merged = stats.chi2_contingency([[500, 500], [60, 40]], correction=False)
    assert found == pytest.approx(merged.pvalue)


@given(pairs)
def test_a_p_value_is_a_share(pair: tuple[Floats, Floats]) -> None:
    assert 0 <= chi_squared_p_value(*pair) <= 1


def test_holms_correction_of_a_hand_worked_case() -> None:
    corrected = holm({"a": 0.01, "b": 0.04, "c": 0.03})
    assert corrected == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), min_size=1, max_size=9))
def test_holm_never_lowers_a_p_value_nor_changes_their_order(p_values: dict[str, float]) -> None:
    corrected = holm(p_values)
    for name, p_value in p_values.items():
        assert p_value <= corrected[name] <= 1
    by_before = sorted(p_values, key=lambda name: p_values[name])
    assert [corrected[n] for n in by_before] == sorted(corrected[n] for n in by_before)


@pytest.mark.parametrize("rows", [(1_000, 2_000), (500, 400)])
def test_without_drift_the_stability_index_stays_under_its_bound_as_often_as_said(
    rows: tuple[int, int],
) -> None:
    n, m = rows
    generator = np.random.default_rng(5)
    shares = np.full(10, 0.1)
    bound = psi_without_drift(10, n, m, 0.95)
    found = [
        population_stability_index(
            generator.multinomial(m, shares).astype(float),
            generator.multinomial(n, shares).astype(float),
        )
        for _ in range(2_000)
    ]
    assert np.mean(np.array(found) > bound) == pytest.approx(0.05, abs=0.02)


def test_without_drift_the_jensen_shannon_distance_stays_under_its_bound_as_often_as_said() -> None:
    generator = np.random.default_rng(5)
    shares = np.array([0.5, 0.3, 0.2])
    bound = jensen_shannon_without_drift(3, 1_000, 2_000, 0.95)
    found = [
        jensen_shannon_distance(
            generator.multinomial(2_000, shares).astype(float),
            generator.multinomial(1_000, shares).astype(float),
        )
        for _ in range(2_000)
    ]
    assert np.mean(np.array(found) > bound) == pytest.approx(0.05, abs=0.02)


@given(samples)
def test_with_equal_weights_mean_variance_and_median_are_the_usual_ones(sample: Floats) -> None:
    mean, variance = weighted_mean_and_variance(sample, np.full(len(sample), 3.0))
    assert mean == pytest.approx(sample.mean(), abs=1e-6)
    assert variance == pytest.approx(sample.var(), abs=1e-3)
    low, high = np.sort(sample)[[(len(sample) - 1) // 2, len(sample) // 2]]
    assert low <= weighted_median(sample, np.ones(len(sample))) <= high


def test_the_p_value_of_two_means_is_scipys() -> None:
    generator = np.random.default_rng(5)
    first, second = generator.normal(0, 1, 20_000), generator.normal(0.03, 2, 10_000)
    found = means_p_value(
        (float(first.mean()), float(first.var()), len(first)),
        (float(second.mean()), float(second.var()), len(second)),
    )
    assert found == pytest.approx(stats.ttest_ind(first, second, equal_var=False).pvalue, rel=1e-2)


def test_of_what_does_not_vary_no_mean_is_significant() -> None:
    assert means_p_value((1.0, 0.0, 10), (2.0, 0.0, 10)) == 1.0
