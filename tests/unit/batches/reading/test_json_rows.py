"""A JSON body read piece by piece says the same as one that is parsed whole."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.batches.reading.json_rows import JsonBatch
from slipway.core.errors import InvalidInput, InvalidJSON, TooLarge
from support.pieces import in_pieces

_TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)


def read(body: bytes, size: int = 7, max_row_bytes: int = 1000) -> tuple[dict[str, Any], list[Any]]:
    batch = JsonBatch(in_pieces(body, size), max_row_bytes=max_row_bytes, max_depth=8)
    head = dict(batch.begin())
    return head, list(batch.rows())


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(_VALUES, max_size=6), size=st.integers(1, 40), indent=st.sampled_from((None, 2))
)
def test_rows_are_the_same_however_the_body_is_cut(
    rows: list[Any], size: int, indent: int | None
) -> None:
    body = json.dumps({"model": "spam", "instances": rows}, indent=indent).encode()
    assert read(body, size, max_row_bytes=1_000_000) == ({"model": "spam"}, rows)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"nothing",
        b'{"model": "spam"',
        b'{"instances": [1, 2',
        b'{"instances": [1 2]}',
        b'{"instances": [1], }',
        b'{"instances": [1]} more',
        b'{"instances": [1,]}',
        b'{"instances": [{"a": tru}]}',
        b'{"instances": 7}',
        b"{7: 8}",
        b'{"instances": ["never ends',
    ],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidJSON):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "spam"}',
        b'{"other": 1, "instances": []}',
        b'{"model": "a", "model": "a", "instances": []}',
        b'{"instances": [], "instances": []}',
        b'{"instances": [{"a": 1, "a": 2}]}',
        b'{"instances": [NaN]}',
        b'{"instances": [[[[[[[[[[1]]]]]]]]]]}',
    ],
)
def test_json_that_does_not_fit_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        read(body)


def test_a_model_named_behind_the_instances_is_refused() -> None:
    with pytest.raises(InvalidInput, match="must stand before"):
        read(b'{"instances": [1], "model": "spam"}')


def test_a_row_beyond_the_limit_is_refused_before_it_has_come_whole() -> None:
    pieces = iter([b'{"instances": ["', *[b"x" * 400] * 3])
    batch = JsonBatch(pieces, max_row_bytes=1000, max_depth=8)
    batch.begin()
    with pytest.raises(TooLarge):
        list(batch.rows())
