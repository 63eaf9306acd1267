"""Times as people and machines read them."""

from datetime import UTC, datetime


def iso(seconds: float | None) -> str | None:
    """Seconds since 1970 as ISO 8601 in UTC, to the millisecond."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def readable(moment: str | None) -> str:
    """`2026-11-26 08:05:19` of what `iso` wrote."""
    return "" if moment is None else moment[:19].replace("T", " ")


def ago(seconds: float) -> str:
    """A span in one unit: `12 s`, `5 min`, `3 h`, `2 d`."""
    for unit, size in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
