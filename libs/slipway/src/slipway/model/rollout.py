"""How a version comes to serve, step by step: each checks the version, and puts the next alias.

Every step takes who, why and now (with a time zone) for the history, returns the alias that it
put, and raises Conflict where somebody else put one first; Unavailable without the store.
Nothing here needs torch: the command and the monitor take the same steps.
"""

from datetime import datetime

from slipway.core.errors import ArtifactRefused, Conflict, ModelNotFound
from slipway.model.aliases import Alias
from slipway.model.compatibility import incompatibilities
from slipway.model.promotion import canaried, promoted, rolled_back, shadowed, unchallenged
from slipway.model.refusals import refusals, refused_versions
from slipway.model.registry import Registry
from slipway.model.signature import Signature
from slipway.model.transfer import verify_stored


def shadow(
    registry: Registry,
    name: str,
    version: str,
    *,
    share: float = 1.0,
    expires_at: datetime | None = None,
    who: str,
    why: str,
    now: datetime,
) -> Alias:
    """Also scores a share of the requests with the version.

    Raises ModelNotFound, ArtifactRefused or Conflict for a version that may not challenge,
    InvalidInput for another share or a time that is over.
    """
    newest = registry.newest(name)
    alias = shadowed(newest, version, share=share, expires_at=expires_at, who=who, now=now, why=why)
    _check_challenger(registry, name, version, newest)
    registry.put(name, alias)
    return alias


def canary(
    registry: Registry,
    name: str,
    version: str,
    *,
    weight: float,
    shadow_weight: float = 0.0,
    expires_at: datetime,
    who: str,
    why: str,
    now: datetime,
) -> Alias:
    """Lets the version answer a share of the requests until expires_at.

    shadow_weight: of the others, the share that it scores unseen. Raises as `shadow`.
    """
    newest = registry.newest(name)
    alias = canaried(
        newest,
        version,
        weight=weight,
        shadow_weight=shadow_weight,
        expires_at=expires_at,
        who=who,
        now=now,
        why=why,
    )
    _check_challenger(registry, name, version, newest)
    registry.put(name, alias)
    return alias


def end_challenge(registry: Registry, name: str, *, who: str, why: str, now: datetime) -> Alias:
    """The champion alone from now on. Raises Conflict where it is."""
    alias = unchallenged(registry.newest(name), who=who, now=now, why=why)
    registry.put(name, alias)
    return alias


def promote(
    registry: Registry, name: str, version: str, *, who: str, why: str, now: datetime
) -> Alias:
    """Makes a version the champion, once every byte of it is as its manifest says.

    Raises ModelNotFound, ArtifactRefused, or Conflict where it is the champion already.
    """
    verify_stored(registry, name, version)
    refused = refused_versions(registry, name)
    newest = registry.newest(name)
    alias = promoted(newest, version, who=who, now=now, why=why, refused=refused)
    registry.put(name, alias)
    return alias


def roll_back(registry: Registry, name: str, *, who: str, why: str, now: datetime) -> Alias:
    """Makes the previous champion the champion again, and ends the challenge.

    Every process has it loaded. Raises Conflict where there is none.
    """
    refused = refused_versions(registry, name)
    alias = rolled_back(registry.newest(name), who=who, now=now, why=why, refused=refused)
    registry.put(name, alias)
    return alias


def _check_challenger(registry: Registry, name: str, version: str, newest: Alias | None) -> None:
    for refused in refusals(registry, name):
        if refused.version == version:
            raise Conflict(f"{refused.where} would not load {version}: {refused.reason}.")
    before = newest.challenger if newest is not None else None
    if newest is None or (before is not None and before.version == version):
        return  # the same one was checked when it began
    verify_stored(registry, name, version)
    _check_signature(registry, name, newest.champion, version)


def _check_signature(registry: Registry, name: str, champion: str, challenger: str) -> None:
    try:
        asked = _signature(registry, name, champion)
    except ModelNotFound:  # the image's own: each process compares them when it loads
        return
    problems = incompatibilities(asked, _signature(registry, name, challenger))
    if problems:
        raise Conflict(
            f"{challenger} cannot answer what callers ask of {champion}: {'; '.join(problems)}."
        )


def _signature(registry: Registry, name: str, version: str) -> Signature:
    try:
        return Signature.from_json(registry.read(name, version, "signature.json"))
    except ValueError as wrong:
        raise ArtifactRefused("signature.json", str(wrong)) from None
