"""What the next alias generation says: pure, so that every change is one object made from the last.

refused: versions that processes would not load; a rollback must never lead to one of them.
"""

from collections.abc import Collection
from datetime import UTC, datetime

from slipway.core.errors import Conflict, InvalidInput
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
    """The version as champion, the champion so far as previous.

    A challenger that won, or whose time is over, is none any more. Raises Conflict where the
    version is the champion already.
    """
    if newest is not None and newest.champion == version:
        raise Conflict(f"{version} is the champion already (generation {newest.generation}).")
    challenger = newest.challenger if newest else None
    if challenger is not None and (challenger.version == version or challenger.ended(now)):
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
        hint = (
            "" if newest is None or newest.challenger is None else " The challenger can be ended."
        )
        raise Conflict(f"There is no previous champion to go back to.{hint}")
    previous = None if newest.champion in refused else newest.champion
    return _next(newest, newest.previous, previous, None, who, now, why)


def challenged(
    newest: Alias | None, challenger: Challenger | None, *, who: str, now: datetime, why: str
) -> Alias:
    """The same champion beside another challenger, or none. Raises Conflict without a champion."""
    if newest is None:
        raise Conflict(
            "There is no champion in this store that could be challenged; what an image came with "
            "serves until one is promoted."
        )
    if challenger is not None and challenger.version == newest.champion:
        raise Conflict(f"{challenger.version} is the champion and cannot challenge itself.")
    return _next(newest, newest.champion, newest.previous, challenger, who, now, why)


def shadowed(
    newest: Alias | None,
    version: str,
    *,
    share: float,
    expires_at: datetime | None,
    who: str,
    now: datetime,
    why: str,
) -> Alias:
    """The version also scores a share of the requests, and answers none.

    share: above 0, up to 1. expires_at: None: until somebody ends it. Raises InvalidInput for
    another share or a time that is over, Conflict as `challenged`.
    """
    challenger = Challenger(version, "shadow", _share(share), _later(expires_at, now))
    return challenged(newest, challenger, who=who, now=now, why=why)


def canaried(
    newest: Alias | None,
    version: str,
    *,
    weight: float,
    shadow_weight: float = 0.0,
    expires_at: datetime,
    who: str,
    now: datetime,
    why: str,
) -> Alias:
    """The version answers a share of the requests until expires_at, when the champion does again.

    weight: above 0, up to 1. shadow_weight: of what the champion answers meanwhile, the share that
    the version scores unseen; 0: none. Raises InvalidInput and Conflict as `shadowed`.
    """
    unseen = _share(shadow_weight) if shadow_weight else 0.0
    until = _later(expires_at, now)
    challenger = Challenger(version, "canary", _share(weight), until, unseen)
    return challenged(newest, challenger, who=who, now=now, why=why)


def unchallenged(newest: Alias | None, *, who: str, now: datetime, why: str) -> Alias:
    """The champion alone. Raises Conflict where it is."""
    if newest is None or newest.challenger is None:
        raise Conflict("There is no challenger that could be ended.")
    return challenged(newest, None, who=who, now=now, why=why)


def _share(share: float) -> float:
    if not 0.0 < share <= 1.0:  # NaN is refused too
        raise InvalidInput(f"A challenger's share is above 0 and at most 1, not {share:g}.")
    return share


def _later(expires_at: datetime | None, now: datetime) -> str | None:
    if expires_at is None:
        return None
    if expires_at <= now:
        raise InvalidInput(f"The time to end at, {expires_at.isoformat()}, is over already.")
    return _written(expires_at)


def _written(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


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
        when=_written(now),
        why=why,
        schema=SCHEMA,
    )
