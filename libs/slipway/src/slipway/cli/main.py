"""The command's entry point."""

import sys
from collections.abc import Iterator

import typer

from slipway.cli import batch, doctor, keys, models, package, predict, replay, retrain, train, why
from slipway.client import Refused
from slipway.core.errors import SlipwayFact

typer_app = typer.Typer(
    name="slipway",
    help="From a trained model to a service that people can rely on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
typer_app.command("train")(train.train)
typer_app.command("package")(package.package)
typer_app.command("retrain")(retrain.retrain)
typer_app.command("why")(why.why)
typer_app.command("replay")(replay.replay)
typer_app.command("predict")(predict.predict)
typer_app.command("feedback")(predict.feedback)
typer_app.command("doctor")(doctor.doctor)
typer_app.add_typer(batch.batch_app, name="batch")
typer_app.add_typer(keys.keys_app, name="keys")
typer_app.add_typer(models.models_app, name="models")


@typer_app.callback()
def _root() -> None:
    """Keeps `train` a subcommand."""


def app() -> None:
    """Runs the command; a fact is a line on stderr, and one a field where several are wrong."""
    try:
        typer_app()
    except Refused as refused:
        sys.exit("\n".join(_lines(refused)))
    except SlipwayFact as fact:
        sys.exit(f"slipway: {fact}")


def _lines(refused: Refused) -> Iterator[str]:
    yield f"slipway: {refused}"
    if len(refused.details) > 1:
        yield from (f"  {each['field']}: {each['problem']}" for each in refused.details)
    if refused.status >= 500 and refused.request_id:
        yield f"  request {refused.request_id}"
