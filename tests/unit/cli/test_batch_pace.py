"""What stands beside the bar of a running batch."""

from slipway.cli.batch import pace
from slipway.client import BatchState


def state(rows_done: int, rows_per_second: float | None) -> BatchState:
    return BatchState(
        "0" * 32, "running", "spam", "1.0.0", 1_000_000, rows_done, 0,
        rows_per_second=rows_per_second,
    )  # fmt: skip


def test_a_running_batch_shows_its_rate_and_what_is_left_of_its_time() -> None:
    assert pace(state(480_000, 8_000.0)) == "8,000 rows/s, 0:01:05 left"


def test_a_batch_that_has_not_begun_shows_neither() -> None:
    assert pace(state(0, None)) == ""
