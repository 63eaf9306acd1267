"""How the command reaches a service: its address and key."""

from typing import Annotated
from urllib.parse import urlsplit

import typer

from slipway.client import Client
from slipway.core.errors import InvalidInput
from slipway.core.settings import CallerSettings

Url = Annotated[
    str | None, typer.Option(help="Where the service answers; SLIPWAY_URL, else port 8000 here.")
]
Model = Annotated[str | None, typer.Option(help="A model other than the default one.")]

# A person waits for the answer.
BUDGET_SECONDS = 5.0


def address(url: str | None) -> str:
    """Raises InvalidInput for what is no address."""
    found = (url or CallerSettings.read().url).rstrip("/")
    parts = urlsplit(found)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput(f"'{found}' is no address, such as http://127.0.0.1:8000.")
    return found


def has_key() -> bool:
    return bool(CallerSettings.read().key.get_secret_value())


def client_at(url: str | None) -> Client:
    """With the key of SLIPWAY_KEY."""
    key = CallerSettings.read().key.get_secret_value()
    return Client(address(url), key or None, budget_seconds=BUDGET_SECONDS)
