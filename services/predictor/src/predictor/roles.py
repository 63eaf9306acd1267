"""What an alias makes of the versions it names beside the champion. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from predictor.serving import PREVIOUS, LoadedRole, Served
from slipway.model.aliases import Alias
from slipway.model.runtime import Model


def beside_champion(alias: Alias, now: datetime) -> dict[str, LoadedRole]:
    """Which other versions an alias names, in which role; a challenger whose time is over is none."""
    wanted: dict[str, LoadedRole] = {} if alias.previous is None else {alias.previous: PREVIOUS}
    if alias.challenger is not None and not alias.challenger.ended(now):
        wanted[alias.challenger.version] = alias.challenger.mode
    return wanted


def in_roles(
    loaded: Mapping[str, Model | None],
    roles: Mapping[str, LoadedRole],
    alias: Alias,
    served: Sequence[Served],
) -> list[Served]:
    """The loaded versions beside the one that is served, each in its role."""
    return [
        _in_role(model, roles[version], alias)
        for version, model in loaded.items()
        if model is not None and served and version != served[0].model.version
    ]


def _in_role(model: Model, role: LoadedRole, alias: Alias) -> Served:
    challenger = alias.challenger
    if role == PREVIOUS or challenger is None:
        return Served(model, role, alias.generation)
    ends_at = None if challenger.ends_at is None else challenger.ends_at.timestamp()
    weight, unseen = challenger.weight, challenger.shadow_weight
    return Served(model, role, alias.generation, weight, ends_at, unseen)
