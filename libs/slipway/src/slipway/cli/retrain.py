"""slipway retrain: ask the monitor to train a model again, or only what it would do."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from slipway.cli.asking_monitor import ask_monitor
from slipway.cli.where import AsJson, Models, Who, messages, print_json, registry_at, who_asks
from slipway.core.errors import NotFound, RecipeInvalid, Unavailable
from slipway.model.retrain_requests import ask, no_champion
from slipway.model.training.recipe import read_recipe


def retrain(
    name: Annotated[str, typer.Argument(help="The model, such as spam.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done, and what is against it.")
    ] = False,
    recipe: Annotated[
        Path | None,
        typer.Option(help="A recipe with other hyperparameters; its inputs and target stay."),
    ] = None,
    why: Annotated[str, typer.Option(help="For the record: the reason.")] = "by hand",
    who: Who = None,
    models: Models = None,
    monitor: Annotated[
        str, typer.Option(help="Where the monitor is (for --dry-run).")
    ] = "http://127.0.0.1:8001",
    as_json: AsJson = False,
) -> None:
    """Train a model again with the labels of its traffic. A person promotes it, after its gate.

    The request is put into the store; the monitor over it finds it within seconds.
    """
    if dry_run:
        found = fetch_proposal(monitor, name)
        print_json(found) if as_json else _tell(found)
        return
    registry = registry_at(models)
    if not registry.is_store:
        raise Unavailable("A retraining is asked for in a store: set SLIPWAY_STORE_URL.")
    plan = read_recipe(recipe) if recipe is not None else None
    if plan is not None and plan.name != name:
        raise RecipeInvalid(f"{recipe} is a recipe of {plan.name}, not of {name}.")
    if registry.newest(name) is None:
        raise NotFound(no_champion(name))
    request = ask(registry, name, who=who_asks(who), why=why, now=datetime.now(UTC), recipe=plan)
    if as_json:
        print_json(request)
    else:
        messages.print(
            f"Asked for a retraining of {name}: {monitor}/retrainings/{request.request_id}"
        )


def fetch_proposal(monitor: str, name: str) -> dict[str, Any]:
    """Raises NotFound for a model that the log does not know, Unavailable, Forbidden."""
    return ask_monitor(
        monitor,
        f"/v1/models/{quote(name, safe='')}/retraining-proposal",
        f"The monitor's log has no prediction of a model {name}.",
    )


def _tell(found: dict[str, Any]) -> None:
    trigger = found["trigger"]
    reason = (
        f"{trigger['kind']}: {trigger['reason']}" if trigger else "none; a person may still ask"
    )
    typer.echo(f"reason      {reason}")
    if refused := found.get("refused"):
        typer.echo(f"refused     {refused}")
        return
    typer.echo(f"champion    {found['champion']}, the challenger would be {found['version']}")
    rows = ", ".join(f"{count} {part}" for part, count in found["rows"].items())
    typer.echo(f"rows        {rows}; {found['live']} of them labelled traffic")
    if found["left_out"]:
        left = ", ".join(f"{n} {why.replace('_', ' ')}" for why, n in found["left_out"].items())
        typer.echo(f"left out    {left}")
