"""Wilson's interval against published cases."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.proportions import wilson_interval


@pytest.mark.parametrize(
    ("value", "n", "expected"),
    [
        # Wilson (1927) as tabulated by Newcombe: 8 of 10
        (0.8, 10, (0.4902, 0.9433)),
        (0.5, 0, (0.0, 1.0)),
        (math.nan, 10, (0.0, 1.0)),
        # Newcombe (1998), table I: 81/263
        (81 / 263, 263, (0.2553, 0.3662)),
        (15 / 148, 148, (0.0624, 0.1605)),
        (0.0, 20, (0.0, 0.1611)),
        (1 / 29, 29, (0.0061, 0.1718)),
    ],
)
def test_wilsons_interval_of_published_cases(
    value: float, n: float, expected: tuple[float, float]
) -> None:
    assert wilson_interval(value, n) == pytest.approx(expected, abs=5e-5)


@given(st.integers(0, 50), st.integers(1, 50))
def test_wilsons_interval_holds_the_share(hits: int, more: int) -> None:
    n = hits + more
    low, high = wilson_interval(hits / n, n)
    assert 0 <= low <= hits / n <= high <= 1
