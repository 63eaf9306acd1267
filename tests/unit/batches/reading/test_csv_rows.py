"""CSV cells become what the model's signature says they are."""

from typing import Any

import pytest

from slipway.batches.reading.csv_rows import csv_rows
from slipway.core.errors import InvalidInput, TooLarge
from support.fake_model import TABLE, TEXT
from support.pieces import in_pieces


def rows(text: str, signature: Any = TABLE, size: int = 5, limit: int = 1000) -> list[Any]:
    return list(csv_rows(in_pieces(text.encode(), size), signature, max_row_bytes=limit))


def test_cells_are_read_by_the_type_of_their_field() -> None:
    found = rows("age,hours,work,town\n41,37.5,public,Köln\n7,1e3,private,\n")
    assert found == [
        {"age": 41, "hours": 37.5, "work": "public", "town": "Köln"},
        {"age": 7, "hours": 1000.0, "work": "private", "town": None},
    ]


def test_what_is_no_number_stays_text_for_validation_to_name() -> None:
    (row,) = rows("age,hours,work\nforty,nan,public\n")
    assert (row["age"], row["hours"]) == ("forty", "nan")


def test_quoted_cells_may_hold_commas_quotes_and_newlines() -> None:
    assert rows('message\n"a, ""b""\nc"\nplain\n', TEXT) == [
        {"message": 'a, "b"\nc'},
        {"message": "plain"},
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_a_cell() -> None:
    assert rows("\ufeffmessage\r\nhello\r\n", TEXT) == [{"message": "hello"}]


def test_a_row_of_another_length_is_a_bad_row() -> None:
    first, second = rows("age,work\n41\n7,public\n")
    assert isinstance(first, InvalidInput)
    assert second == {"age": 7, "work": "public"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "starts with a header"),
        ("age,work,shoe\n", "'shoe' is not a field"),
        ("age\n", "'work' is required"),
        ("age,work,age\n", "appears twice"),
        ('age,work\n"7,public\n', "cannot be read at line 2"),
    ],
)
def test_a_header_or_quoting_that_is_wrong_refuses_the_body(text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        rows(text)


def test_a_record_of_many_lines_is_bounded() -> None:
    with pytest.raises(TooLarge):
        rows('message\n"' + "x\n" * 2000 + '"\n', TEXT)
