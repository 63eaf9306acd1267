"""What the next alias generation says: pure, so that every change is one object made from the last.

refused: versions that processes would not load; a rollback must never lead to one of them.
"""

from collections.abc import Collection
from datetime import UTC, datetime

from slipway.core.errors import Conflict
from slipway.model.aliases import SCHEMA, Alias, Challenger


def promoted(
    newest: Alias | None,
    version: str,
    *,
    who: str,
    now: datetime,
    why: str,
    refused: Collection[str] = (),
) -> Alias:
    """The version as champion, the champion so far as previous; a challenger that won is none any more.

    Raises Conflict where it is the champion already.
    """
    if newest is not None and newest.champion == version:
        raise Conflict(f"{version} is the champion already (generation {newest.generation}).")
    challenger = newest.challenger if newest else None
    if challenger is not None and challenger.version == version:
        challenger = None
    previous = _last_good(newest, refused) if newest else None
    if previous == version:
        previous = None
    return _next(newest, version, previous, challenger, who, now, why)


def rolled_back(
    newest: Alias | None, *, who: str, now: datetime, why: str, refused: Collection[str] = ()
) -> Alias:
    """The previous champion again, and no challenger. Raises Conflict where there is none."""
    if newest is None or newest.previous is None:
        raise Conflict("There is no previous champion to go back to.")
    previous = None if newest.champion in refused else newest.champion
    return _next(newest, newest.previous, previous, None, who, now, why)


def challenged(
    newest: Alias | None, challenger: Challenger | None, *, who: str, now: datetime, why: str
) -> Alias:
    """The same champion beside another challenger, or none. Raises Conflict without a champion."""
    if newest is None:
        raise Conflict("There is no champion yet that could be challenged.")
    if challenger is not None and challenger.version == newest.champion:
        raise Conflict(f"{challenger.version} is the champion and cannot challenge itself.")
    return _next(newest, newest.champion, newest.previous, challenger, who, now, why)


def _last_good(newest: Alias, refused: Collection[str]) -> str | None:
    return newest.previous if newest.champion in refused else newest.champion


def _next(
    newest: Alias | None,
    champion: str,
    previous: str | None,
    challenger: Challenger | None,
    who: str,
    now: datetime,
    why: str,
) -> Alias:
    return Alias(
        generation=newest.generation + 1 if newest else 1,
        champion=champion,
        previous=previous,
        challenger=challenger,
        who=who,
        when=now.astimezone(UTC).isoformat(timespec="milliseconds"),
        why=why,
        schema=SCHEMA,
    )
