"""Instances against a signature: what fits, and which words say why not."""

from typing import Any

import pytest

from slipway.core.errors import InvalidInput
from slipway.model.signature import Field, Output, Signature
from slipway.model.validation import checked_instance, checked_instances
from support.fake_model import TABLE, TEXT

GOOD = {"age": 41, "hours": 37.5, "work": "public", "town": "Köln"}


def problems(signature: Signature, value: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        checked_instance(signature, value)
    return {problem.field: problem.problem for problem in refusal.value.problems}


def test_an_optional_field_may_be_left_out_or_null() -> None:
    expected = {"age": 41, "hours": None, "work": "public", "town": None}
    assert checked_instance(TABLE, {"age": 41, "work": "public"}) == expected
    assert checked_instance(TABLE, expected) == expected


def test_a_whole_number_may_be_written_with_a_point() -> None:
    checked = checked_instance(TABLE, {**GOOD, "age": 23.0, "hours": 40})
    assert (repr(checked["age"]), repr(checked["hours"])) == ("23", "40.0")


def test_a_number_may_be_as_large_as_a_double_and_an_integer_as_exact() -> None:
    assert checked_instance(TABLE, {**GOOD, "hours": 10**308})["hours"] == 1e308
    assert problems(TABLE, {**GOOD, "hours": 10**400}) == {"hours": "is too large"}
    assert problems(TABLE, {**GOOD, "age": 2**53 + 1}) == {"age": "is too large"}
    assert problems(TABLE, {**GOOD, "age": 1e300}) == {"age": "is too large"}


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("age", "41", "must be an integer, not a string"),
        ("age", True, "must be an integer, not a boolean"),
        ("age", 41.5, "must be a whole number"),
        ("age", -1, "must be at least 0"),
        ("age", 121, "must be at most 120"),
        ("age", None, "must not be null"),
        ("age", [1], "must be an integer, not an array"),
        ("hours", {}, "must be a number, not an object"),
        ("work", "retired", "must be one of private, public"),
        ("work", 3, "must be a string, not a number"),
        ("colour", 1, "is not a field of this model"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_the_reason(
    field: str, value: Any, problem: str
) -> None:
    assert problems(TABLE, {**GOOD, field: value}) == {field: problem}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "must not be empty"),
        (" \n\t\u3000", "must not be empty"),
        ("x" * 1001, "must have at most 1000 characters"),
    ],
)
def test_a_text_is_measured_in_characters(text: str, problem: str) -> None:
    assert problems(TEXT, {"message": text}) == {"message": problem}
    assert checked_instance(TEXT, {"message": "🙂" * 1000})


def test_every_problem_of_every_row_is_told_with_its_row() -> None:
    rows = [GOOD, {"age": 1}, GOOD, {**GOOD, "age": 200, "work": "x"}, "row"]
    with pytest.raises(InvalidInput) as refusal:
        checked_instances(TABLE, rows)
    assert [problem.field for problem in refusal.value.problems] == [
        *("instances[1].work", "instances[3].age", "instances[3].work", "instances[4]"),
    ]
    assert refusal.value.message.startswith("Field 'instances[1].work' is required.")


def test_a_thousand_bad_rows_make_a_short_answer() -> None:
    with pytest.raises(InvalidInput) as refusal:
        checked_instances(TEXT, [{"nonsense" * 1000: 1}] * 1000)
    assert len(refusal.value.problems) <= 50
    assert max(len(problem.field) for problem in refusal.value.problems) < 100


@pytest.mark.parametrize("name", ["instances", "inputs", "parameters"])
def test_a_field_may_not_take_a_name_of_the_protocol(name: str) -> None:
    with pytest.raises(ValueError, match="may not be named"):
        Signature((Field(name, "number"),), Output("regression"))
