"""When a feature's drift is worth an alarm: over its threshold in two of three windows in a row."""

from collections.abc import Sequence

LOOK_BACK = 3
NEEDED = 2


def alarming(states: Sequence[str]) -> bool:
    """states: of one feature in the last tumbling windows, the newest last.

    A window without enough data says nothing, neither for nor against: it is passed over.
    """
    judged = [state for state in states if state != "insufficient_data"]
    return judged[-LOOK_BACK:].count("over") >= NEEDED
