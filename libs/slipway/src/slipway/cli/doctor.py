"""slipway doctor: says in words what is wrong with a service, and what to do."""

from collections.abc import Iterator
from typing import Any

import requests
import typer

from slipway.cli.calling import Url, address, client_at, has_key
from slipway.client import Client, Refused, Unreachable

Finding = tuple[bool, str]  # whether it is well, and in words
_TIMEOUT_SECONDS = 5
_STATES = {
    "starting": "It is not ready: its default model is not loaded; it serves {served}.",
    "draining": "It is not ready: it was told to stop and answers what is in flight.",
    "ready": "It is ready and serves {served}.",
}


def doctor(url: Url = None) -> None:
    """Look at a service, and say why it is not ready. Exit status 0 where nothing is wrong."""
    findings = examine(address(url))
    for well, words in findings:
        typer.echo(f"{'ok  ' if well else 'BAD '} {words}")
    if not all(well for well, _ in findings):
        raise typer.Exit(1)


def examine(url: str) -> list[Finding]:
    """Everything that is found at `url`, what is well too."""
    try:
        answer = requests.get(f"{url}/ready", timeout=_TIMEOUT_SECONDS)
        body = answer.json()
    except requests.exceptions.SSLError:
        return [(False, f"{url} speaks no TLS that can be trusted from here.")]
    except requests.ConnectionError as wrong:
        return [(False, _nobody(url, wrong))]
    except requests.Timeout:
        words = f"{url} does not answer within {_TIMEOUT_SECONDS} s: it is overloaded or hangs."
        return [(False, words)]
    except requests.JSONDecodeError:
        body = None
    if not isinstance(body, dict) or body.get("status") not in _STATES:
        words = "a predictor listens at port 8000 unless SLIPWAY_PORT says otherwise"
        return [(False, f"What answers at {url} is no Slipway predictor; {words}.")]
    with client_at(url) as service:
        return [*describe_readiness(body), _about_caller(service)]


def describe_readiness(body: dict[str, Any]) -> Iterator[Finding]:
    """The body of /ready in words."""
    models, refused = body.get("models", {}), body.get("refused", ())
    served = ", ".join(f"{name} {version}" for name, version in models.items()) or "no model"
    status = body["status"]
    yield status == "ready", _STATES[status].format(served=served)
    for one in refused:
        yield False, f"It refused to load a model: {one}."
    if status == "starting" and not refused:
        yield False, _why_nothing_loads(bool(models), body.get("store", "none"))
    if body.get("redis") == "away":
        does = "batches and labels are refused, events wait"
        ask = "Does SLIPWAY_REDIS_URL name it, and is SLIPWAY_REDIS_PASSWORD_FILE its password?"
        yield False, f"Redis is away: {does}. {ask}"
    if body.get("store") == "away":
        does = "it serves what it has loaded, follows no promotion and takes no batches"
        ask = "Do SLIPWAY_STORE_URL, its end point and its credentials fit?"
        yield False, f"The store is away: {does}. {ask}"


def _why_nothing_loads(others: bool, store: str) -> str:
    if others:
        return "SLIPWAY_DEFAULT_MODEL names a model that is not among them."
    if store == "none":
        return "No folder of models is at SLIPWAY_BUILTIN_MODELS, and SLIPWAY_STORE_URL names no store."
    return (
        "Neither SLIPWAY_BUILTIN_MODELS nor the store has a model with a champion: "
        "slipway models promote gives it one."
    )


def _about_caller(service: Client) -> Finding:
    """Whether this caller, with the key that it has, may ask."""
    try:
        service.metadata()
    except Unreachable as wrong:
        return False, f"It stopped answering: {wrong}."
    except Refused as refused:
        return False, _refused(refused)
    return True, "It answers this caller."


def _refused(refused: Refused) -> str:
    if refused.status == 401 and not has_key():
        return "It asks for a key: put one in SLIPWAY_KEY (slipway keys create makes one)."
    if refused.status == 401:
        return "It does not know the key in SLIPWAY_KEY: it is misspelt, revoked, or another service's."
    if refused.status == 403:
        return f"{refused.message} The one in SLIPWAY_KEY is known, but made for something else."
    return f"It refuses: {refused}"


def _nobody(url: str, wrong: requests.ConnectionError) -> str:
    if "NameResolutionError" in repr(wrong):
        return f"No host of the name in {url} is known here. Is it spelt right?"
    return f"Nobody listens at {url}. Is the service started, and is this its port?"
