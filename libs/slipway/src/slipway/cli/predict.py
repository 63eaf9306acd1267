"""slipway predict, slipway feedback: one question, and what was true."""

import json
import sys
from typing import Annotated, Any

import msgspec
import typer

from slipway.cli.calling import Model, Url, client_at
from slipway.core.errors import InvalidInput

Input = Annotated[
    str, typer.Argument(help="An instance as JSON; - reads it from the standard input.")
]


def predict(
    instance: Input,
    url: Url = None,
    model: Model = None,
    explain: Annotated[bool, typer.Option(help="Also say what the answer is made of.")] = False,
) -> None:
    """Ask a model, and print its answer as JSON."""
    given = _parsed(sys.stdin.read() if instance == "-" else instance)
    with client_at(url) as service:
        if explain:
            found: Any = service.explain(given, model=model)
        else:
            found = service.predict(given, model=model)
    typer.echo(msgspec.json.format(msgspec.json.encode(_said(found)), indent=1).decode())


def feedback(
    request_id: Annotated[str, typer.Argument(help="Of the prediction, as its answer carried it.")],
    label: Annotated[str, typer.Argument(help="What was true: a label, or a number.")],
    url: Url = None,
    index: Annotated[int, typer.Option(help="Of one row among several.")] = 0,
) -> None:
    """Say what was true of a prediction."""
    with client_at(url) as service:
        service.feedback(request_id, _label(label), index=index)
    typer.echo("accepted")


def _said(found: Any) -> Any:
    """Without the fields that this answer has not."""
    return _without_nulls(msgspec.to_builtins(found))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def _parsed(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as wrong:
        raise InvalidInput(
            f"The instance is not JSON ({wrong}); in a shell it stands in '…'."
        ) from None
    if not isinstance(value, dict):
        raise InvalidInput("The instance must be a JSON object with the model's fields.")
    return value


def _label(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text
