import json

import pytest

from slipway.core.errors import InvalidInput, InvalidJSON
from slipway.core.strict_json import parse


@pytest.mark.parametrize(
    "body",
    [
        '{"a": 1}',
        "[1, 2.5, null, true]",
        '"\\ud83d\\ude00"',
        "3",
        '{"a": {"b": [[]]}}',
        '{"é": "\\n"}',
    ],
)
def test_ordinary_json_is_read_as_the_standard_parser_reads_it(body: str) -> None:
    assert parse(body.encode(), max_depth=8) == json.loads(body)


@pytest.mark.parametrize("body", [b"", b"nope", b"{", b'{"a":1}x', b"{'a':1}", b'"\xff"', b"[1,]"])
def test_what_is_not_json_is_called_that(body: bytes) -> None:
    with pytest.raises(InvalidJSON):
        parse(body, max_depth=8)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}',
        b'{"x":{"a":1,"a":1}}',
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"1e999",
        b"9" * 5000,
        b'"\\ud800"',
        b'{"\\udfff":1}',
    ],
)
def test_json_that_two_parsers_read_differently_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse(body, max_depth=8)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_nesting_is_refused_before_it_can_exhaust_the_stack(opening: bytes) -> None:
    with pytest.raises(InvalidInput, match="deeper than 32"):
        parse(opening * 100_000, max_depth=32)


def test_brackets_inside_a_text_are_no_nesting() -> None:
    text = '[{"' * 100 + "\\"
    assert parse(json.dumps({"a": text}).encode(), max_depth=2) == {"a": text}


def test_nesting_up_to_the_limit_is_read() -> None:
    assert parse(b"[" * 32 + b"]" * 32, max_depth=32) is not None


def test_a_duplicate_key_is_named() -> None:
    with pytest.raises(InvalidInput) as told:
        parse(b'{"message":"a","message":"b"}', max_depth=8)
    assert told.value.problems[0].field == "message"
