"""A window against its reference: verdicts with their guards."""

import numpy as np
import pytest

from monitor.drift.alarm import alarming
from monitor.drift.comparing import compare
from monitor.drift.figures import FeatureDrift
from support.references import Value, columns, reference_of

GENERATOR = np.random.default_rng(20261123)
REFERENCE: list[dict[str, Value]] = [
    {"size": float(size), "colour": str(colour)}
    for size, colour in zip(
        GENERATOR.normal(100, 10, 5_000),
        GENERATOR.choice(["red", "green", "blue"], 5_000, p=[0.5, 0.3, 0.2]),
        strict=True,
    )
]


def window(n: int = 1_000, shift: float = 0.0, red: float = 0.5) -> dict[str, FeatureDrift]:
    """n rows whose sizes are moved by `shift` standard deviations, and so many of which are red."""
    generator = np.random.default_rng(n)
    shares = [red, (1 - red) * 0.6, (1 - red) * 0.4]
    rows: list[dict[str, Value]] = [
        {"size": float(size), "colour": str(colour)}
        for size, colour in zip(
            generator.normal(100 + 10 * shift, 10, n),
            generator.choice(["red", "green", "blue"], n, p=shares),
            strict=True,
        )
    ]
    return compare(reference_of(REFERENCE), columns(rows), np.ones(n))


def test_rows_of_the_same_kind_are_ok() -> None:
    assert {drift.state for drift in window().values()} == {"ok"}


def test_a_shift_that_nobody_cares_about_is_ok_however_significant() -> None:
    found = window(n=20_000, shift=0.2)["size"]
    assert found.p_value is not None
    assert found.p_value < 0.001
    assert found.state == "ok"


@pytest.mark.parametrize("shift", [0.5, -0.5, 1.0, 3.0])
def test_a_shift_of_half_a_deviation_is_over(shift: float) -> None:
    found = window(shift=shift)
    assert (found["size"].state, found["colour"].state) == ("over", "ok")
    assert found["size"].figures["delta_mean"].value == pytest.approx(shift, abs=0.1)


def test_another_mixture_of_categories_is_over() -> None:
    found = window(red=0.8)
    assert (found["size"].state, found["colour"].state) == ("ok", "over")


@pytest.mark.parametrize("n", [1, 100, 499])
def test_under_five_hundred_rows_there_is_no_verdict_whatever_they_say(n: int) -> None:
    assert {drift.state for drift in window(n=n, shift=5.0).values()} == {"insufficient_data"}


def test_five_hundred_rows_are_enough() -> None:
    assert window(n=500, shift=2.0)["size"].state == "over"


def test_rows_without_a_value_do_not_count_as_rows() -> None:
    sizes: list[Value] = [*[100.0] * 400, *[None] * 600]
    found = compare(reference_of(REFERENCE), {"size": sizes}, np.ones(1_000))
    assert found["size"].state == "insufficient_data"
    assert found["size"].n == 400


def test_a_feature_that_never_came_has_no_verdict() -> None:
    found = compare(reference_of(REFERENCE), {}, np.ones(1_000))
    assert {drift.state for drift in found.values()} == {"insufficient_data"}


def test_few_rows_of_great_weight_are_few_rows() -> None:
    rows = columns(REFERENCE[:100])
    found = compare(reference_of(REFERENCE), rows, np.full(100, 50.0))
    assert {drift.state for drift in found.values()} == {"insufficient_data"}


def test_sampled_rows_are_compared_by_their_weights() -> None:
    # One row in ten of the high ones was kept, with ten times the weight: together they are the reference.
    high = [row for row in REFERENCE if float(row["size"] or 0) > 105]
    low = [row for row in REFERENCE if float(row["size"] or 0) <= 105]
    rows = low[:2_000] + high[: int(len(high) * 2_000 / len(low) / 4)]
    weights = np.r_[np.ones(2_000), np.full(len(rows) - 2_000, 4.0)]
    weighted = compare(reference_of(REFERENCE), columns(rows), weights)["size"]
    as_if_all = compare(reference_of(REFERENCE), columns(rows), np.ones(len(rows)))["size"]
    assert (weighted.state, as_if_all.state) == ("ok", "over")


def test_a_new_category_is_counted_and_over() -> None:
    colours = ["red"] * 350 + ["green"] * 210 + ["blue"] * 140 + ["mauve"] * 300
    found = compare(reference_of(REFERENCE), {"colour": colours}, np.ones(1_000))["colour"]
    assert found.figures["new_category_rate"].value == pytest.approx(0.3)
    assert found.state == "over"


def test_a_constant_that_becomes_another_one_is_over() -> None:
    reference = reference_of([{"year": 0.0}] * 1_000)
    assert compare(reference, {"year": [0.0] * 600}, np.ones(600))["year"].state == "ok"
    assert compare(reference, {"year": [1.0] * 600}, np.ones(600))["year"].state == "over"


def test_the_smaller_the_reference_the_higher_the_threshold() -> None:
    def psi_threshold(rows: int) -> float:
        reference = reference_of(REFERENCE[:rows])
        found = compare(reference, columns(REFERENCE[-1_000:]), np.ones(1_000))
        return found["size"].figures["psi"].threshold

    assert psi_threshold(150) > psi_threshold(400) > psi_threshold(4_000) == 0.1


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], False),
        (["over"], False),
        (["over", "over"], True),
        (["over", "ok", "over"], True),
        (["over", "ok", "ok", "over"], False),
        (["over", "over", "ok"], True),
        (["over", "over", "ok", "ok"], False),
        (["over", "insufficient_data", "over"], True),
        (["insufficient_data"] * 3, False),
        (["over", "insufficient_data", "insufficient_data", "insufficient_data"], False),
    ],
)
def test_two_of_three_windows_in_a_row_are_an_alarm(states: list[str], expected: bool) -> None:
    assert alarming(states) is expected
