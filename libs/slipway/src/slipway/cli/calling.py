"""How the command reaches a service: its address and key."""

from typing import Annotated

import typer

from slipway.client import Client
from slipway.core.settings import CallerSettings

Url = Annotated[
    str | None, typer.Option(help="Where the service answers; SLIPWAY_URL, else port 8000 here.")
]
Model = Annotated[str | None, typer.Option(help="A model other than the default one.")]


def address(url: str | None) -> str:
    return (url or CallerSettings.read().url).rstrip("/")


def client_at(url: str | None) -> Client:
    """With the key of SLIPWAY_KEY."""
    key = CallerSettings.read().key.get_secret_value()
    return Client(address(url), key or None)
