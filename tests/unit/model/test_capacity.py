"""How many rows are worth computing together, and how long they take."""

import time
from collections.abc import Sequence

import pytest

from slipway.model.capacity import Capacity, measured
from slipway.model.signature import Instance


def test_between_measured_sizes_the_time_is_a_straight_line_and_beyond_them_in_proportion() -> None:
    capacity = Capacity((1, 4, 8), (0.010, 0.016, 0.040), best_rows=4)
    assert capacity.seconds_for(1) == 0.010
    assert capacity.seconds_for(2) == pytest.approx(0.012)
    assert capacity.seconds_for(8) == 0.040
    assert capacity.seconds_for(16) == pytest.approx(0.080)


def test_a_number_of_rows_that_is_told_stands_whatever_was_measured() -> None:
    capacity = Capacity((1, 4), (0.010, 0.016), best_rows=4).together(32)
    assert capacity.best_rows == 32
    assert capacity.seconds_for(4) == 0.016


def test_a_model_whose_rows_get_no_cheaper_is_given_one_at_a_time() -> None:
    def predict(rows: Sequence[Instance]) -> None:
        time.sleep(0.01 * len(rows))

    assert measured(predict, [{}]).best_rows == 1


def test_a_model_that_takes_as_long_for_many_is_given_many() -> None:
    def predict(_: Sequence[Instance]) -> None:
        time.sleep(0.005)

    assert measured(predict, [{}, {}]).best_rows >= 8


def test_measuring_a_slow_model_ends_early() -> None:
    asked: list[int] = []

    def predict(rows: Sequence[Instance]) -> None:
        asked.append(len(rows))
        time.sleep(0.1)

    capacity = measured(predict, [{}])
    assert asked == [1, 1, 1]
    assert (
        capacity.best_rows == 2
    )  # a quarter of a second's worth: whether batches pay is not known
