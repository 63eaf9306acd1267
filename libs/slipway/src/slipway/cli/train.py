"""slipway train: a recipe and data in, a version of a model out."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from slipway.cli.where import Models, registry_at, who_asks
from slipway.model.artifact import write
from slipway.model.datasets.keeping import keep
from slipway.model.datasets.records import ROOT
from slipway.model.promotion import promoted
from slipway.model.transfer import check_new, download, publish

if TYPE_CHECKING:
    from slipway.model.training.train import Trained
    from slipway.model.training.trainers import Integers

console = Console(stderr=True)
SHOWN = {
    "accuracy": "accuracy",
    "auc": "AUC",
    "expected_calibration_error": "calibration error",
    "r2": "R²",
    "rmse": "root mean squared error",
    "mae": "mean absolute error",
    "interval_coverage": "interval holds the truth",
}


def train(
    recipe: Annotated[Path, typer.Argument(help="A recipe, such as recipes/spam.toml.")],
    data: Annotated[
        Path | None,
        typer.Option(
            help="The data file, or a folder with the recipe's file. Without it: fetched."
        ),
    ] = None,
    version: Annotated[str, typer.Option(help="The new version, such as 3.1.0.")] = "1.0.0",
    seed: Annotated[int, typer.Option(help="Decides the split and the first weights.")] = 20261123,
    models: Models = None,
    resume: Annotated[
        str | None, typer.Option(help="Go on training from this version (made with --keep-state).")
    ] = None,
    keep_state: Annotated[bool, typer.Option(help="Also write what --resume needs.")] = False,
    keep_data: Annotated[
        bool, typer.Option(help="Also keep the rows in the store, for retraining with new labels.")
    ] = True,
    promote: Annotated[bool, typer.Option(help="Serve this version from now on.")] = False,
    why: Annotated[str, typer.Option(help="For the lineage: why it is trained.")] = "by hand",
) -> None:
    """Train a model and write it as a verified, immutable version."""
    # torch takes a second to import; no other subcommand waits for it.
    from slipway.model.loading import load
    from slipway.model.training import train as training
    from slipway.model.training.dataset_rows import as_dataset
    from slipway.model.training.fetch import fetch as fetch_data
    from slipway.model.training.lineage import commit_of
    from slipway.model.training.readers import read_rows
    from slipway.model.training.recipe import read_recipe
    from slipway.model.training.resume import start_from

    plan = read_recipe(recipe)
    registry = registry_at(models, make=True)
    check_new(registry, plan.name, version)
    rows = read_rows(plan, data if data is not None else fetch_data(plan))
    now = datetime.now(UTC)
    kept: list[str] = []

    def keep_rows(held_back: "Integers") -> str:
        found = as_dataset(rows, held_back)
        made = keep(registry.store, plan, found, made_by="slipway train", now=now)
        kept.append(f"{len(found)} rows as {ROOT}/{made.digest[:12]}")
        return made.digest

    with TemporaryDirectory(prefix="slipway-train-") as scratch:
        parent = Path(scratch) / "parent"
        if resume:
            download(registry, registry.version(plan.name, resume), parent)
        request = training.Request(
            version=version,
            seed=seed,
            now=now,
            commit=commit_of(Path.cwd()),
            why=why,
            parent=resume,
            start=start_from(parent, plan) if resume else None,
            keep_training_state=keep_state,
            keep=keep_rows if keep_data and registry.is_store else None,
        )
        repeats = f"{rows.repeats} repeats left out"
        console.print(f"{plan.name}: {len(rows)} rows, {repeats}, seed {seed}")
        with _progress() as bars:
            trained = training.train(plan, rows, request, _reporter(bars))
        made = Path(scratch) / "made"
        write(made, trained.manifest, trained.files)
        load(made)  # a version that would be refused is told of now, not when it is to serve
        publish(registry, made)
    _show(trained)
    console.print(f"Wrote {plan.name} {version} to {registry.store.url}")
    if kept:
        console.print(
            f"Kept {kept[0]}, so that it can be trained again with labels of its traffic."
        )
    if promote:
        newest = registry.newest(plan.name)
        alias = promoted(newest, version, who=who_asks(None), now=datetime.now(UTC), why=why)
        registry.put(plan.name, alias)
        console.print(f"{plan.name} {version} serves from now on (generation {alias.generation}).")


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description:>14}"),
        BarColumn(),
        TextColumn("epoch {task.completed}/{task.total}  loss {task.fields[loss]:.4f}"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console)


def _reporter(bars: Progress) -> Callable[[str, int, int, float], None]:
    tasks: dict[str, TaskID] = {}

    def report(name: str, epoch: int, epochs: int, loss: float) -> None:
        if name not in tasks:
            tasks[name] = bars.add_task(name, total=epochs, loss=loss)
        bars.update(tasks[name], completed=epoch, loss=loss)

    return report


def _show(trained: "Trained") -> None:
    figures = trained.metrics
    table = Table(title=f"On {figures['n']} held-back rows ({figures['evaluated_on']})")
    for heading in ("", "value", "95 % interval"):
        table.add_column(heading)
    for name, words in SHOWN.items():
        if name in figures:
            table.add_row(words, *_cells(figures[name]))
    for label, report in figures.get("per_class", {}).items():
        table.add_row(f"{label}: F1", *_cells(report["f1"]))
        table.add_row(f"{label}: wrongly given", *_cells(report["false_positive_rate"]))
    for group, report in figures.get("groups", {}).items():
        table.add_row(f"{group}: accuracy", *_cells(report["accuracy"]))
    console.print(table)


def _cells(figure: dict[str, Any]) -> tuple[str, str]:
    value = f"{figure['value']:.4f}" if abs(figure["value"]) < 100 else f"{figure['value']:,.0f}"
    if "interval" not in figure:
        return value, ""
    low, high = (f"{end:.4f}" if abs(end) < 100 else f"{end:,.0f}" for end in figure["interval"])
    return value, f"{low} to {high}"
