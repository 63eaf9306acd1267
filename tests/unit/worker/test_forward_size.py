"""The size of a forward is found by measuring, and halved when memory runs out."""

from collections.abc import Callable

from worker.forward_size import ForwardSize


def settle(size: ForwardSize, rate: Callable[[int], float]) -> int:
    """Forwards of a model that does rate(rows) rows a second."""
    while not size.settled:
        size.note(size.rows, size.rows / rate(size.rows))
    return size.rows


def test_the_smallest_size_that_is_nearly_as_fast_as_the_fastest_is_chosen() -> None:
    assert settle(ForwardSize(1024), lambda rows: 1000 * min(rows, 128) / 128) == 128


def test_a_model_that_gains_nothing_from_batches_has_small_ones() -> None:
    assert settle(ForwardSize(1024), lambda rows: 1000.0) == 16


def test_trials_end_where_larger_sizes_are_clearly_slower() -> None:
    tried: list[int] = []

    def rate(rows: int) -> float:
        tried.append(rows)
        return 1000.0 if rows <= 64 else 100.0

    settle(ForwardSize(8192), rate)
    assert max(tried) == 128


def test_after_memory_ran_out_no_larger_size_is_tried_again() -> None:
    size = ForwardSize(1024)
    settle(size, float)
    size.halve()
    size.halve()
    assert (size.rows, size.settled) == (256, True)


def test_a_last_smaller_forward_tells_nothing() -> None:
    size = ForwardSize(1024)
    for _ in range(10):
        size.note(3, 0.001)
    assert size.rows == 16


def test_a_forward_takes_no_more_rows_than_are_done_in_a_second() -> None:
    size = ForwardSize(1024)
    settle(size, lambda rows: 1000 * min(rows, 512) / 512)
    size.note(512, 4.0)
    assert size.rows == 128
    size.note(128, 0.128)
    assert size.rows == 512


def test_rows_that_take_seconds_each_are_tried_one_at_a_time() -> None:
    size = ForwardSize(1024)
    size.note(16, 48.0)
    assert (size.rows, size.settled) == (1, True)


def test_a_trial_goes_by_its_fastest_forward() -> None:
    size, forwards = ForwardSize(64), 0
    while not size.settled:
        forwards += 1
        hindered = 0.5 if forwards % 2 else 0.0
        size.note(size.rows, size.rows / (1000.0 * size.rows) + hindered)
    assert size.rows == 64
