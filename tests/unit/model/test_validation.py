import pytest

from slipway.core.errors import InvalidInput
from slipway.model.signature import Field, Output, Signature
from slipway.model.validation import checked_instance, checked_instances

PERSON = Signature(
    (
        Field("age", "integer", minimum=0, maximum=120),
        Field("salary", "number", required=False, minimum=0),
        Field("city", "category", max_length=40),
        Field("gender", "category", allowed=("M", "F")),
    ),
    Output("classification", ("no", "yes")),
)
GOOD = {"age": 32, "salary": 54000, "city": "Delhi", "gender": "M"}


def test_a_fitting_instance_passes_unchanged() -> None:
    assert checked_instance(PERSON, GOOD) == GOOD


def test_a_missing_optional_field_is_none() -> None:
    assert (
        checked_instance(PERSON, {k: v for k, v in GOOD.items() if k != "salary"})["salary"] is None
    )


def test_a_whole_number_may_be_written_with_a_point() -> None:
    assert checked_instance(PERSON, GOOD | {"age": 32.0})["age"] == 32


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"age": None}, "age", "must not be null"),
        ({"age": "32"}, "age", "must be an integer, not a string"),
        ({"age": True}, "age", "must be an integer, not a boolean"),
        ({"age": 3.5}, "age", "must be a whole number"),
        ({"age": 121}, "age", "must be at most 120"),
        ({"age": -1}, "age", "must be at least 0"),
        ({"age": 10**400}, "age", "is too large"),
        ({"salary": []}, "salary", "must be a number, not an array"),
        ({"city": 5}, "city", "must be a string, not a number"),
        ({"city": "x" * 41}, "city", "must have at most 40 characters"),
        ({"gender": "X"}, "gender", "must be one of M, F"),
        ({"height": 1}, "height", "is not a field of this model"),
    ],
)
def test_a_problem_names_its_field(change: dict[str, object], field: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as told:
        checked_instance(PERSON, GOOD | change)
    assert [(p.field, p.problem) for p in told.value.problems] == [(field, problem)]
    assert field in told.value.message


def test_of_several_rows_the_row_is_named_and_every_problem_told() -> None:
    with pytest.raises(InvalidInput) as told:
        checked_instances(PERSON, [GOOD, GOOD | {"age": 200}, 7])
    assert [p.field for p in told.value.problems] == ["instances[1].age", "instances[2]"]


def test_a_thousand_bad_rows_make_a_short_answer() -> None:
    with pytest.raises(InvalidInput) as told:
        checked_instances(PERSON, [{}] * 1000)
    assert len(told.value.problems) == 50


@pytest.mark.parametrize("name", ["instances", "inputs", "parameters"])
def test_a_field_may_not_take_a_name_of_the_protocol(name: str) -> None:
    with pytest.raises(ValueError, match="may not be named"):
        Signature((Field(name, "number"),), Output("regression"))
