"""Durations as people write them on a command line."""

import re
from datetime import timedelta

import typer

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


def duration(text: str) -> timedelta:
    """`90s`, `10m`, `2h`, `1.5d`. Raises typer.BadParameter for anything else, or for nothing."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or float(found[1]) == 0:
        raise typer.BadParameter("must be a number with a unit, such as 90s, 10m, 2h or 1d")
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])
