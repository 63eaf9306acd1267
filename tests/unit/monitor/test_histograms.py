"""Rows as counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.drift.histograms import (
    MAX_CATEGORIES,
    OTHERS,
    aligned,
    counts_of_categories,
    counts_over_bins,
    effective_rows,
)


def test_a_value_on_an_edge_belongs_to_the_bin_above_it() -> None:
    found = counts_over_bins(np.array([0.0, 1.0, 1.5, 2.0, 9.0]), np.array([1.0, 2.0]))
    assert found.tolist() == [1, 2, 2]


def test_weights_are_what_is_counted() -> None:
    found = counts_over_bins(np.array([0.0, 5.0]), np.array([1.0]), np.array([2.5, 4.0]))
    assert found.tolist() == [2.5, 4.0]
    assert counts_of_categories(["a", "b", "a"], np.array([1.0, 2.0, 3.0])) == {"a": 4.0, "b": 2.0}


@given(
    st.lists(st.floats(-1e9, 1e9), max_size=50),
    st.lists(st.floats(-1e9, 1e9), max_size=9, unique=True).map(sorted),
)
def test_every_value_is_in_exactly_one_bin(values: list[float], edges: list[float]) -> None:
    found = counts_over_bins(np.array(values), np.array(edges))
    assert (len(found), found.sum()) == (len(edges) + 1, len(values))


def test_categories_of_both_sides_are_aligned_and_new_ones_are_others() -> None:
    names, before, now = aligned({"red": 5, "blue": 9}, {"blue": 1, "green": 2})
    assert names == ["blue", "red", OTHERS]
    assert (before.tolist(), now.tolist()) == ([9, 5, 0], [1, 0, 2])


def test_of_very_many_categories_the_rarest_are_one() -> None:
    reference = {f"c{i:03}": float(1_000 - i) for i in range(MAX_CATEGORIES + 10)}
    names, before, now = aligned(reference, reference)
    assert (len(names), names[-1]) == (MAX_CATEGORIES + 1, OTHERS)
    assert before.sum() == sum(reference.values())
    assert before.tolist() == now.tolist()


@pytest.mark.parametrize(
    ("weights", "rows"), [([1, 1, 1], 3), ([7, 7], 2), ([], 0), ([100, 1e-9], 1)]
)
def test_equal_weights_count_as_rows_and_one_heavy_row_as_one(
    weights: list[float], rows: float
) -> None:
    assert effective_rows(np.array(weights, dtype=np.float64)) == pytest.approx(rows)
