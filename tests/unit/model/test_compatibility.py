"""Which versions may answer what is asked of another."""

from typing import Any

import pytest
from msgspec.structs import replace

from slipway.model.compatibility import incompatibilities
from slipway.model.signature import Field, Output, Signature

AGE = Field("age", "integer", minimum=0, maximum=120)
WORK = Field("work", "category", allowed=("private", "public"))
TOWN = Field("town", "category", required=False)
CHAMPION = Signature((AGE, WORK, TOWN), Output("classification", ("no", "yes")))


def challenger(*inputs: Field, **output: Any) -> Signature:
    return Signature(inputs, replace(CHAMPION.output, **output))


def test_the_same_signature_may() -> None:
    assert incompatibilities(CHAMPION, CHAMPION) == []


def test_one_that_takes_more_may() -> None:
    wider = challenger(
        replace(AGE, type="number", minimum=None, maximum=150),
        replace(WORK, allowed=("private", "public", "none"), required=False),
        TOWN,
        Field("new", "number", required=False),
        labels=("yes", "no"),
    )
    assert incompatibilities(CHAMPION, wider) == []


@pytest.mark.parametrize(
    ("inputs", "word"),
    [
        ((WORK, TOWN), "does not take the field 'age'"),
        ((AGE, WORK, TOWN, Field("new", "text")), "needs a field 'new'"),
        ((replace(AGE, type="text"), WORK, TOWN), "is a text to it"),
        ((replace(AGE, maximum=100), WORK, TOWN), "narrower bounds"),
        ((replace(AGE, minimum=1), WORK, TOWN), "narrower bounds"),
        ((AGE, replace(WORK, allowed=("private",)), TOWN), "fewer values"),
        ((AGE, WORK, replace(TOWN, allowed=("Rome",))), "any value with the champion"),
        ((AGE, WORK, replace(TOWN, required=True)), "is required by it"),
        ((AGE, WORK, replace(TOWN, max_length=3)), "narrower bounds"),
        ((replace(AGE, unit="months"), WORK, TOWN), "'months'"),
    ],
)
def test_one_that_would_refuse_or_misread_what_callers_send_may_not(
    inputs: tuple[Field, ...], word: str
) -> None:
    problems = incompatibilities(CHAMPION, challenger(*inputs))
    assert len(problems) == 1
    assert word in problems[0]


def test_one_that_answers_with_something_else_may_not() -> None:
    labels = challenger(AGE, WORK, TOWN, labels=("no", "maybe"))
    number = Signature((AGE, WORK, TOWN), Output("regression"))
    assert "labels" in incompatibilities(CHAMPION, labels)[0]
    assert "regression" in incompatibilities(CHAMPION, number)[0]
    assert (
        "EUR"
        in incompatibilities(number, replace(number, output=Output("regression", unit="EUR")))[0]
    )
