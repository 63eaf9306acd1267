"""One instance a line."""

import pytest

from slipway.batches.reading.ndjson import ndjson_rows
from slipway.core.errors import InvalidInput, InvalidJSON, TooLarge
from support.pieces import in_pieces


def test_lines_are_rows_and_empty_lines_are_none() -> None:
    body = b'{"a": 1}\r\n\n{"a": 2}\n   \n{"a": 3}'
    found = list(ndjson_rows(in_pieces(body, 3), max_row_bytes=100, max_depth=4))
    assert found == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_a_line_that_cannot_be_read_is_a_bad_row_among_good_ones() -> None:
    body = b'{"a": 1}\n{"a": \n{"a": NaN}\n{"a": 2}\n'
    first, second, third, last = ndjson_rows([body], max_row_bytes=100, max_depth=4)
    assert isinstance(second, InvalidJSON)
    assert isinstance(third, InvalidInput)
    assert (first, last) == ({"a": 1}, {"a": 2})


def test_a_line_without_an_end_is_refused_before_it_has_come_whole() -> None:
    endless = iter([b"x" * 60] * 3)
    with pytest.raises(TooLarge):
        list(ndjson_rows(endless, max_row_bytes=100, max_depth=4))
    assert list(endless) == [b"x" * 60]
