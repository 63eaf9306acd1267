"""What a retraining wants the newest alias to say, and what it says.

Every alias that a retraining puts carries its id and step in `why`: a monitor that was killed
after putting one knows it again, and never puts it twice.
"""

from datetime import UTC, datetime

from monitor.retraining.moves import Foreign, Wish
from monitor.retraining.record import Retraining
from slipway.core.errors import ArtifactRefused, Conflict, ModelNotFound
from slipway.model import rollout
from slipway.model.aliases import Alias
from slipway.model.registry import Registry

WHO = "slipway-monitor"


def token(record: Retraining) -> str:
    return f"(retraining {record.retraining_id}, step {record.step})"


def is_ours(alias: Alias, record: Retraining) -> bool:
    return alias.who == WHO and f"(retraining {record.retraining_id}, step " in alias.why


def foreign_in(alias: Alias, record: Retraining) -> Foreign | None:
    """Somebody else's decision since the last one that the retraining knows; None of none."""
    if alias.generation <= record.generation or is_ours(alias, record):
        return None
    challenger = alias.challenger.version if alias.challenger is not None else None
    return Foreign(alias.champion, challenger, alias.who, alias.why)


def apply(registry: Registry, newest: Alias, record: Retraining, wish: Wish, why: str) -> Alias:
    """Puts what the step wants, unless the newest alias says so; the alias that then decides.

    Raises Conflict where somebody was first, or a version may not serve; Unavailable.
    """
    if is_ours(newest, record) and newest.why.endswith(token(record)):
        return newest
    try:
        return _put(registry, newest, record, wish, f"{why} {token(record)}") or newest
    except (ArtifactRefused, ModelNotFound) as wrong:
        raise Conflict(str(wrong)) from None


def _put(
    registry: Registry, newest: Alias, record: Retraining, wish: Wish, why: str
) -> Alias | None:
    """None where there is nothing to put."""
    now = datetime.now(UTC)
    until = datetime.fromtimestamp(record.until or 0.0, UTC)
    model, version = record.model, record.version
    if wish.mode == "champion":
        return rollout.promote(registry, model, version, who=WHO, why=why, now=now)
    if wish.mode == "nothing":
        if newest.challenger is None:
            return None
        return rollout.end_challenge(registry, model, who=WHO, why=why, now=now)
    if until <= now:
        return None  # its time was over before it could begin: the step is taken once more
    if wish.mode == "shadow":
        return rollout.shadow(
            registry,
            model,
            version,
            share=wish.ratio,
            expires_at=until,
            who=WHO,
            why=why,
            now=now,
        )
    return rollout.canary(
        registry,
        model,
        version,
        weight=wish.ratio,
        shadow_weight=wish.shadow_ratio,
        expires_at=until,
        who=WHO,
        why=why,
        now=now,
    )
