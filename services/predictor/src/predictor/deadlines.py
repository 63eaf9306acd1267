"""How long a caller waits: X-Request-Timeout-Ms."""

import time

from slipway.core.errors import DeadlineExceeded, InvalidInput, Problem

HEADER = "X-Request-Timeout-Ms"
LONGEST_MS = 600_000


def read_deadline(header: str | None, began: float) -> float | None:
    """When the caller no longer waits, on time.perf_counter's clock; None without the header.

    Raises InvalidInput for anything but whole milliseconds from 1 to 600,000.
    """
    if header is None:
        return None
    text = header.strip()
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LONGEST_MS):
        problem = f"must be whole milliseconds from 1 to {LONGEST_MS}"
        raise InvalidInput(f"Header '{HEADER}' {problem}.", problems=(Problem(HEADER, problem),))
    return began + int(text) / 1000


def refuse_late(deadline: float | None) -> None:
    """Before each step. Raises DeadlineExceeded once nobody waits for what it would compute."""
    if deadline is not None and time.perf_counter() >= deadline:
        raise DeadlineExceeded("The time that the caller allowed ran out.")
