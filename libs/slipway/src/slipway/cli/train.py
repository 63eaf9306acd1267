"""slipway train: a recipe and data in, a version of a model out."""

import getpass
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from slipway.model.artifact import check_new, write
from slipway.model.local_store import promote_in_folder, version_directory

if TYPE_CHECKING:
    from slipway.model.training.train import Trained

console = Console(stderr=True)


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
    models: Annotated[Path, typer.Option(help="The folder of models to write to.")] = Path(
        "models"
    ),
    resume: Annotated[
        str | None, typer.Option(help="Go on training from this version (made with --keep-state).")
    ] = None,
    keep_state: Annotated[bool, typer.Option(help="Also write what --resume needs.")] = False,
    promote: Annotated[bool, typer.Option(help="Serve this version from now on.")] = False,
    why: Annotated[str, typer.Option(help="For the lineage: why it is trained.")] = "by hand",
) -> None:
    """Train a model and write it as a verified, immutable version."""
    # torch takes a second to import; no other subcommand waits for it.
    from slipway.model.loading import load
    from slipway.model.training import train as training
    from slipway.model.training.fetch import fetch
    from slipway.model.training.lineage import commit_of
    from slipway.model.training.readers import read_rows
    from slipway.model.training.recipe import read_recipe
    from slipway.model.training.resume import start_from

    plan = read_recipe(recipe)
    target = version_directory(models, plan.name, version)
    check_new(target, plan.name, version)
    rows = read_rows(plan, data if data is not None else fetch(plan))
    request = training.Request(
        version=version,
        seed=seed,
        now=datetime.now(UTC),
        commit=commit_of(Path.cwd()),
        why=why,
        parent=resume,
        start=start_from(version_directory(models, plan.name, resume), plan) if resume else None,
        keep_training_state=keep_state,
    )
    console.print(f"{plan.name}: {len(rows)} rows, {rows.repeats} repeats left out, seed {seed}")
    with _progress() as bars:
        trained = training.train(plan, rows, request, _reporter(bars))
    write(target, trained.manifest, trained.files)
    load(target)  # a version that would be refused is told of now, not when it is to serve
    _show(trained)
    console.print(f"Wrote {target}")
    if promote:
        alias = promote_in_folder(
            models, plan.name, version, getpass.getuser(), datetime.now(UTC), why
        )
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
    table.add_row("accuracy", *_cells(figures["accuracy"]))
    table.add_row("AUC", *_cells(figures["auc"]))
    table.add_row("calibration error", f"{figures['expected_calibration_error']['value']:.4f}", "")
    for label, report in figures["per_class"].items():
        table.add_row(f"{label}: F1", *_cells(report["f1"]))
        table.add_row(f"{label}: wrongly given", *_cells(report["false_positive_rate"]))
    console.print(table)


def _cells(figure: dict[str, Any]) -> tuple[str, str]:
    low, high = figure["interval"]
    return f"{figure['value']:.4f}", f"{low:.4f} to {high:.4f}"
