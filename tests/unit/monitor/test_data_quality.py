"""Broken data is told apart from a world that changed."""

from collections.abc import Sequence

import numpy as np
import pytest

from monitor.drift.data_quality import Check, check
from support.references import Value, reference_of

GENERATOR = np.random.default_rng(3)
INCOMES = GENERATOR.lognormal(1.2, 0.4, 4_000)
REFERENCE = reference_of(
    [
        {
            "income": None if i % 50 == 0 else float(value),
            "town": ["north", "south"][i % 2],
            "year": 1.0,
        }
        for i, value in enumerate(INCOMES)
    ]
)


def checks(feature: str, values: Sequence[Value]) -> dict[str, Check]:
    return check(REFERENCE, {feature: values}, np.ones(len(values)))[feature]


def faults(feature: str, values: Sequence[Value]) -> list[str]:
    return [name for name, found in checks(feature, values).items() if found.fault]


def incomes(n: int = 1_000) -> list[float]:
    return [float(value) for value in np.random.default_rng(8).lognormal(1.2, 0.4, n)]


def test_usual_values_have_no_fault() -> None:
    assert faults("income", incomes()) == []
    assert faults("town", ["north", "south"] * 500) == []


@pytest.mark.parametrize(
    ("missing", "fault"), [(20, False), (60, False), (120, True), (1_000, True)]
)
def test_values_that_are_missing_more_often_than_before_are_a_fault(
    missing: int, fault: bool
) -> None:
    values = [*[None] * missing, *incomes(1_000 - missing)]
    assert ("missing" in faults("income", values)) is fault
    assert checks("income", values)["missing"].value == missing / 1_000


def test_a_number_where_a_number_should_be_but_is_a_word_counts_as_missing() -> None:
    assert "missing" in faults("income", [*["a lot"] * 500, *incomes(500)])


@pytest.mark.parametrize("factor", [1_000.0, 0.001, 100.0, 12.0])
def test_a_unit_that_changed_is_found_with_its_factor(factor: float) -> None:
    values = [value * factor for value in incomes()]
    found = checks("income", values)["unit_change"]
    assert found.fault
    assert found.value == pytest.approx(factor, rel=0.1)


def test_a_world_that_got_richer_is_no_change_of_unit() -> None:
    assert "unit_change" not in faults("income", [value + 2 for value in incomes()])
    assert "unit_change" not in faults("income", [value * 1.5 for value in incomes()])


def test_values_out_of_the_references_range_are_a_fault_when_they_are_many() -> None:
    assert "out_of_range" not in faults("income", [-1.0] * 10 + incomes(990))
    assert "out_of_range" in faults("income", [-1.0] * 100 + incomes(900))


def test_categories_never_seen_before_are_a_fault_when_they_are_many() -> None:
    assert "unseen_category" not in faults("town", ["north", "south"] * 490 + ["east"] * 20)
    assert "unseen_category" in faults("town", ["north", "south"] * 450 + ["east"] * 100)


def test_a_feature_that_stopped_varying_is_a_fault_and_one_that_never_did_is_none() -> None:
    assert "constant" in faults("income", [3.0] * 1_000)
    assert "constant" in faults("town", ["north"] * 1_000)
    assert "constant" not in faults("year", [1.0] * 1_000)


def test_under_five_hundred_rows_nothing_is_checked() -> None:
    assert check(REFERENCE, {"income": [None] * 499}, np.ones(499)) == {}
