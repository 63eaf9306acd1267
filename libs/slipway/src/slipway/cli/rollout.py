"""slipway models shadow, canary, end, promote, rollback: how a version comes to serve."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from slipway.cli.durations import duration
from slipway.cli.where import AsJson, Models, Who, Why, messages, print_json, registry_at, who_asks
from slipway.model import rollout
from slipway.model.aliases import Alias

Name = Annotated[str, typer.Argument(help="The model, such as spam.")]
Version = Annotated[str, typer.Argument(help="The version, such as 3.1.0.")]
Share = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, help="Of the requests, 0 to 1, sticky by key or client."),
]


def shadow(
    name: Name,
    version: Version,
    share: Share = 1.0,
    expires_in: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Such as 2h; else until it is ended.")
    ] = None,
    why: Why = "by hand",
    who: Who = None,
    models: Models = None,
    json: AsJson = False,
) -> None:
    """Also score requests with a version, away from callers: it answers nobody."""
    now = datetime.now(UTC)
    alias = rollout.shadow(
        registry_at(models),
        name,
        version,
        share=share,
        expires_at=None if expires_in is None else now + duration(expires_in),
        who=who_asks(who),
        why=why,
        now=now,
    )
    _tell(alias, json, f"{name} {version} is scored in the shadow{_of(alias)}.")


def canary(
    name: Name,
    version: Version,
    weight: Share,
    shadow: Annotated[
        float,
        typer.Option(
            min=0.0, max=1.0, help="Of what the champion answers, the share also scored unseen."
        ),
    ] = 0.0,
    expires_in: Annotated[
        str, typer.Option(metavar="DURATION", help="After it the champion answers alone again.")
    ] = "10m",
    why: Why = "by hand",
    who: Who = None,
    models: Models = None,
    json: AsJson = False,
) -> None:
    """Let a version answer a share of the requests; every process ends it by itself in time."""
    now = datetime.now(UTC)
    alias = rollout.canary(
        registry_at(models),
        name,
        version,
        weight=weight,
        shadow_weight=shadow,
        expires_at=now + duration(expires_in),
        who=who_asks(who),
        why=why,
        now=now,
    )
    _tell(alias, json, f"{name} {version} answers as a canary{_of(alias)}.")


def end(
    name: Name, why: Why = "by hand", who: Who = None, models: Models = None, json: AsJson = False
) -> None:
    """End the shadow or the canary: the champion answers alone."""
    registry = registry_at(models)
    alias = rollout.end_challenge(registry, name, who=who_asks(who), why=why, now=datetime.now(UTC))
    _tell(alias, json, f"{name} {alias.champion} answers alone from now on.")


def promote(
    name: Name,
    version: Version,
    why: Why = "by hand",
    who: Who = None,
    models: Models = None,
    json: AsJson = False,
) -> None:
    """Make a version the champion, once every byte of it is as its manifest says."""
    registry = registry_at(models)
    alias = rollout.promote(
        registry, name, version, who=who_asks(who), why=why, now=datetime.now(UTC)
    )
    _tell(alias, json, f"{name} {alias.champion} is the champion from now on.")


def rollback(
    name: Name,
    why: Why = "by hand",
    who: Who = None,
    models: Models = None,
    json: AsJson = False,
) -> None:
    """Make the previous champion the champion again, and end any shadow or canary.

    Every process still has it loaded. To end a canary and keep the champion: slipway models end.
    """
    registry = registry_at(models)
    alias = rollout.roll_back(registry, name, who=who_asks(who), why=why, now=datetime.now(UTC))
    _tell(alias, json, f"{name} {alias.champion} is the champion again, and answers alone.")


def _of(alias: Alias) -> str:
    challenger = alias.challenger
    if challenger is None:
        return ""
    until = f" until {challenger.ends_at:%Y-%m-%d %H:%M:%S} UTC" if challenger.ends_at else ""
    return f" for {challenger.weight:.4g} of the requests{until}, beside {alias.champion}"


def _tell(alias: Alias, json: bool, sentence: str) -> None:
    if json:
        print_json(alias)
        return
    before = f", before it {alias.previous}" if alias.previous else ""
    messages.print(f"{sentence} (generation {alias.generation}{before})")
