"""Probes by the minute: how often each predictor was asked, how often it answered, how fast."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, update

from monitor.prediction_log.tables import probes
from monitor.prediction_log.writing import insert_new


class Heard(NamedTuple):
    """One probe's outcome. up: it answered 200."""

    target: str
    probe: str
    up: bool
    seconds: float


def add_probes(connection: Connection, heard: Sequence[Heard], now: float) -> None:
    """Adds outcomes to the minute of `now`, in seconds since 1970."""
    minute = int(now // 60)
    for one in heard:
        key = {"target": one.target, "probe": one.probe, "minute": minute}
        insert_new(connection, probes, [key | {"asked": 0, "answered": 0, "seconds": 0.0}])
        connection.execute(
            update(probes)
            .where(*(probes.c[name] == value for name, value in key.items()))
            .values(
                asked=probes.c.asked + 1,
                answered=probes.c.answered + int(one.up),
                seconds=probes.c.seconds + one.seconds,
            )
        )
