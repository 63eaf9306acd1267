"""slipway models: what is in the registry, which version serves, and changing that."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console

from slipway.cli import model_facts as facts
from slipway.cli import model_tables as tables
from slipway.cli import rollout
from slipway.cli.rollout import Name, Version
from slipway.cli.where import AsJson, Models, print_json, registry_at
from slipway.core.errors import ModelNotFound
from slipway.model.cleaning import Leftover, leftovers, old_versions, remove
from slipway.model.transfer import download, publish

models_app = typer.Typer(
    no_args_is_help=True, help="List, compare and verify versions, and decide which one serves."
)


@models_app.command("list")
def list_models(models: Models = None, json: AsJson = False) -> None:
    """Every model: which version serves, which stand beside it, since when."""
    _print(facts.overview(registry_at(models), datetime.now(UTC)), json, tables.overview)


@models_app.command("show")
def show(
    name: Name,
    version: Annotated[str | None, typer.Argument(help="One version; else the model.")] = None,
    models: Models = None,
    json: AsJson = False,
) -> None:
    """A model's versions and refusals, or all that is known of one version."""
    registry = registry_at(models)
    if version is None:
        _print(facts.model(registry, name, datetime.now(UTC)), json, tables.model)
    else:
        _print(facts.version(registry, name, version), json, tables.version)


@models_app.command("verify")
def verify(
    name: Name,
    version: Annotated[str | None, typer.Argument(help="One version; else every one.")] = None,
    models: Models = None,
    json: AsJson = False,
) -> None:
    """Read every byte and compare it with the manifest. Exit status 1 if anything is wrong."""
    registry = registry_at(models)
    wanted = [version] if version else registry.version_names(name)
    if not wanted:
        raise ModelNotFound(f"{registry.store.url} has no version of {name}.")
    found = [facts.verified(registry, name, each) for each in wanted]
    _print(found, json, tables.verified)
    if any(one["problem"] for one in found):
        raise typer.Exit(1)


@models_app.command("diff")
def diff(
    name: Name, old: Version, new: Version, models: Models = None, json: AsJson = False
) -> None:
    """What differs between two versions: figures, signature, configuration, data, libraries."""
    _print(facts.difference(registry_at(models), name, old, new), json, tables.difference)


models_app.command("shadow")(rollout.shadow)
models_app.command("canary")(rollout.canary)
models_app.command("end")(rollout.end)
models_app.command("promote")(rollout.promote)
models_app.command("rollback")(rollout.rollback)


@models_app.command("copy")
def copy(
    name: Name,
    version: Version,
    source: Annotated[
        str, typer.Option("--from", metavar="FOLDER|URL", help="Where the version is.")
    ] = "models",
    models: Models = None,
    json: AsJson = False,
) -> None:
    """Copy a version from elsewhere, such as the model that the image came with, every byte checked."""
    there = registry_at(source)
    with TemporaryDirectory() as folder:
        directory = Path(folder) / version
        download(there, there.version(name, version), directory)
        stored = publish(registry_at(models), directory)
    found = {"model": name, "version": version, "digest": stored.digest, "problem": None}
    _print([found], json, tables.verified)


@models_app.command("history")
def history(
    name: Name,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"],
            help="Which version was live then (UTC)?",
        ),
    ] = None,
    models: Models = None,
    json: AsJson = False,
) -> None:
    """Which version was live when, who changed it, and why."""
    found = facts.history(registry_at(models), name)
    if at is not None:
        found = facts.live_at(found, at.replace(tzinfo=UTC))
    _print(found, json, tables.history)


@models_app.command("clean")
def clean(
    name: Annotated[str | None, typer.Argument(help="One model; else every one.")] = None,
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="Also remove versions beyond the newest so many of a model."),
    ] = None,
    older_than_hours: Annotated[
        float, typer.Option(min=0, help="What is younger may still be on its way.")
    ] = 24.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    models: Models = None,
    json: AsJson = False,
) -> None:
    """Remove what interrupted writers left; with --keep, old versions that no alias names."""
    registry = registry_at(models)
    before = datetime.now(UTC) - timedelta(hours=older_than_hours)
    found: list[Leftover] = []
    for each in [name] if name else registry.names():
        found += leftovers(registry, each, before)
        found += old_versions(registry, each, keep) if keep is not None else []
    if not dry_run:
        registry.store.delete_abandoned_uploads(before)
        for leftover in found:
            remove(registry, leftover)
    _print(facts.cleaned(found, dry_run), json, tables.cleaned)


def _print(found: Any, json: bool, table: Callable[[Any, Console], None]) -> None:
    if json:
        print_json(found)
    else:
        table(found, Console())
