"""What the commands over models share: which registry, who is asking, and how answers are printed."""

import getpass
import os
import socket
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from slipway.core.errors import Unavailable
from slipway.core.settings import CommandSettings
from slipway.core.store import open_store
from slipway.model.registry import Registry, open_registry, registry_in_folder

messages = Console(stderr=True)

Models = Annotated[
    str | None,
    typer.Option(
        "--models",
        metavar="FOLDER|URL",
        help="A folder of models, or a store's URL. Default: SLIPWAY_STORE_URL, else ./models.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program, not for a person.")]
Why = Annotated[str, typer.Option(help="For the history: the reason.")]
Who = Annotated[str | None, typer.Option(help="For the history: who, if not this user.")]


def registry_at(models: str | None, *, make: bool = False) -> Registry:
    """make: a folder that is not there is made. Raises Unavailable for one that is not."""
    settings = CommandSettings.read()
    if models is None and settings.store_url:
        return open_registry(settings)
    if models is not None and "://" in models:
        return Registry(open_store(settings.model_copy(update={"store_url": models})))
    folder = Path(models or "models")
    if make:
        folder.mkdir(parents=True, exist_ok=True)
    if not folder.is_dir():
        raise Unavailable(f"There is no folder {folder}; set SLIPWAY_STORE_URL or give --models.")
    return registry_in_folder(folder)


def who_asks(given: str | None) -> str:
    """The user's name; in a container without names, the user's number and the host."""
    if given:
        return given
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()} on {socket.gethostname()}"


def print_json(value: Any) -> None:
    """To stdout, indented, and nothing else with it."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
