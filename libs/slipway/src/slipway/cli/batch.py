"""slipway batch: many rows at once, answered later."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from slipway.cli.calling import Model, Url, client_at
from slipway.client import BatchState, Client

batch_app = typer.Typer(no_args_is_help=True, help="Many rows at once, answered later.")
console = Console(stderr=True)

BatchId = Annotated[str, typer.Argument(help="As submit printed it.")]


@batch_app.command("submit")
def submit(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A .csv, or JSON lines.")
    ],
    url: Url = None,
    model: Model = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until it has ended, with a bar.")] = False,
    idempotency_key: Annotated[
        str | None, typer.Option(help="The same key with the same file is the same batch.")
    ] = None,
) -> None:
    """Hand in a file of rows; prints the batch's id."""
    with client_at(url) as service:
        state = service.submit_batch_file(file, model=model, idempotency_key=idempotency_key)
        typer.echo(state.id)
        if wait:
            _end_with(_watch(service, state.id))


@batch_app.command("status")
def status(
    batch_id: BatchId,
    url: Url = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until it has ended, with a bar.")] = False,
) -> None:
    """Say how far a batch is, as JSON."""
    with client_at(url) as service:
        state = _watch(service, batch_id) if wait else service.batch(batch_id)
    typer.echo(msgspec.json.format(msgspec.json.encode(state), indent=1).decode())


@batch_app.command("results")
def results(batch_id: BatchId, url: Url = None) -> None:
    """Print a finished batch's answers, a line a row, in input order."""
    with client_at(url) as service:
        for row in service.batch_results(batch_id):
            sys.stdout.buffer.write(msgspec.json.encode(row) + b"\n")


@batch_app.command("cancel")
def cancel(batch_id: BatchId, url: Url = None) -> None:
    """Stop a batch between two chunks."""
    with client_at(url) as service:
        typer.echo(service.cancel_batch(batch_id).status)


@batch_app.command("list")
def list_batches(
    url: Url = None, limit: Annotated[int, typer.Option(help="At most so many.")] = 20
) -> None:
    """The caller's own batches, newest first."""
    with client_at(url) as service:
        for state in service.batches(limit):
            done = f"{state.rows_done}/{state.rows_total}"
            typer.echo(f"{state.id}\t{state.status}\t{done}\t{state.model_name}")


def _watch(service: Client, batch_id: str) -> BatchState:
    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(bar_width=20),  # with a million rows all of it fits into 80 columns
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("queued", total=None, pace="")

        def show(state: BatchState) -> None:
            bar.update(
                task,
                description=state.status,
                completed=state.rows_done,
                total=state.rows_total,
                pace=pace(state),
            )

        return service.wait_for_batch(batch_id, timeout_seconds=7 * 86_400, progress=show)


def pace(state: BatchState) -> str:
    """`8,120 rows/s, 0:02:05 left` of a running batch whose rate is known."""
    if not state.rows_per_second:
        return ""
    left = (state.rows_total - state.rows_done) / state.rows_per_second
    return f"{state.rows_per_second:,.0f} rows/s, {timedelta(seconds=round(left))} left"


def _end_with(state: BatchState) -> None:
    """Says how it ended; with exit status 1 where it did not succeed."""
    console.print(f"{state.status}: {state.rows_done} rows, {state.rows_failed} without an answer")
    if state.status != "succeeded":
        console.print(str(state.error or ""))
        raise typer.Exit(1)
    if state.rows_failed:
        console.print(f"why not: slipway batch results {state.id} | grep '\"error\"'", markup=False)
