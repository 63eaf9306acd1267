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
