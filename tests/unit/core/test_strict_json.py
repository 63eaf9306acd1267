"""JSON from strangers: what is read, what is refused, and where it says the fault is."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.core import strict_json
from slipway.core.errors import InvalidInput, InvalidJSON, Refusal
from slipway.core.strict_json import parse


def refused(body: bytes, max_depth: int = 32) -> InvalidInput:
    with pytest.raises(InvalidInput) as refusal:
        parse(body, max_depth=max_depth)
    return refusal.value


def test_ordinary_json_is_read_as_it_is() -> None:
    value = {"a": [1, 2.5, None, True, "ü🙂\n"], "b": {"c": -1e-300}}
    assert parse(json.dumps(value).encode(), max_depth=5) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode(), max_depth=5) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"[1] 2",
        b"nul",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"01",
    ],
)
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(InvalidJSON):
        parse(body, max_depth=5)


@pytest.mark.parametrize(
    ("body", "field", "problem"),
    [
        (b'{"age": 1, "age": 2}', "age", "appears twice"),
        (b'{"instances": [{}, {"a": {"b": 1, "b": 1}}]}', "instances[1].a.b", "appears twice"),
        (b'{"instances": [{"a": NaN}]}', "instances[0].a", "must be a finite number"),
        (b'{"a": -Infinity}', "a", "must be a finite number"),
        (b'{"a": [1, 1e999]}', "a[1]", "must be a finite number"),
        (rb'{"a": "\ud800"}', "a", "holds a lone surrogate, which is no character"),
        (rb'{"a": {"\udfff": 1}}', "a", "has a key with a lone surrogate, which is no character"),
    ],
)
def test_what_parsers_disagree_about_is_refused_with_its_place(
    body: bytes, field: str, problem: str
) -> None:
    (found,) = refused(body).problems
    assert (found.field, found.problem) == (field, problem)
    json.dumps(found.field).encode()


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse(rb'"\ud83d\ude42"', max_depth=2) == "🙂"


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [33, 1_000, 100_000])
def test_deep_nesting_is_refused_at_every_depth(opening: bytes, depth: int) -> None:
    closing = b"]" if opening == b"[" else b"}"
    assert "nested deeper" in refused(opening * depth + b"1" + closing * depth).message


def test_nesting_up_to_the_limit_is_read_however_many_brackets_there_are() -> None:
    assert parse(b"[" * 32 + b"]" * 32, max_depth=32)
    assert parse(json.dumps([[1]] * 1000).encode(), max_depth=2)
    refused(json.dumps([[[1]]] * 1000).encode(), max_depth=2)


def test_brackets_inside_a_text_do_not_nest() -> None:
    assert parse(json.dumps("[" * 1000).encode(), max_depth=2) == "[" * 1000


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    refused(b"9" * 5000)
    assert parse(b"9" * 400, max_depth=2) == int("9" * 400)


PIECES = st.sampled_from(
    [
        *("{", "}", "[", "]", ":", ",", " ", "}]", "\x01", "1", "-0.5", "1e999", "9" * 20),
        *("NaN", "null", "true", '"a"', '"b:c"', '"a":1,', '{"a":', '"instances"', '"é"'),
        *('"\\u00e9"', '"\\ud800"'),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)


def outcome(read: Callable[[], object]) -> tuple[object, ...]:
    try:
        return ("read", repr(read()))
    except Refusal as wrong:
        return type(wrong).__name__, wrong.message, wrong.problems


@settings(max_examples=3_000, derandomize=True, deadline=None)
@given(
    st.one_of(
        st.lists(PIECES, max_size=12).map("".join),
        st.builds(json.dumps, VALUES, ensure_ascii=st.booleans()),
        st.lists(VALUES, max_size=3).map(lambda rows: json.dumps({"instances": rows})),
    ),
    st.sampled_from([3, 5, 32]),
)
def test_the_quick_reading_agrees_with_the_careful_one(text: str, depth: int) -> None:
    body = text.encode("utf-8", "surrogatepass")
    careful = outcome(lambda: strict_json._read_with_care(body, depth))
    assert outcome(lambda: parse(body, max_depth=depth)) == careful


@pytest.mark.parametrize(
    "body",
    [
        b'{"message": "at 5:30, not 6:30", "b": 1.5}',
        b'{"instances": [{"a": 1}, {"a": "x:y"}]}',
    ],
)
def test_ordinary_rows_are_read_quickly(body: bytes) -> None:
    assert strict_json._read_plainly(body) == json.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "b": ":", "a" : 2}',
        b'{"instances": [{"a": 1, "a": 2}]}',
        b'{"a": ":", "a": 1}',
    ],
)
def test_a_key_that_stands_twice_is_never_read_quickly(body: bytes) -> None:
    assert strict_json._read_plainly(body) is None
