"""slipway doctor: says in words what is wrong with a service, and what to do."""

from typing import Any

import requests
import typer

from slipway.cli.calling import Url, address, client_at
from slipway.client import Refused, Unreachable


def doctor(url: Url = None) -> None:
    """Look at a service, and say why it is not ready. Exit status 0 where nothing is wrong."""
    findings = examine(address(url))
    for well, words in findings:
        typer.echo(f"{'ok  ' if well else 'BAD '} {words}")
    if not all(well for well, _ in findings):
        raise typer.Exit(1)


def examine(url: str) -> list[tuple[bool, str]]:
    """Each finding: whether it is well, and in words."""
    try:
        answer = requests.get(f"{url}/ready", timeout=5)
        body = answer.json()
    except requests.ConnectionError:
        return [(False, f"Nobody listens at {url}. Is the service started, and is this its port?")]
    except requests.Timeout:
        return [(False, f"{url} does not answer within 5 s: it is overloaded or hangs.")]
    except requests.JSONDecodeError:
        return [(False, f"What answers at {url} is no Slipway service.")]
    return [*describe_readiness(body), *_predicts(url)]


def describe_readiness(body: dict[str, Any]) -> list[tuple[bool, str]]:
    """The body of /ready in words."""
    models = body.get("models", {})
    served = ", ".join(f"{name} {version}" for name, version in models.items()) or "no model"
    words = {
        "ready": f"It is ready and serves {served}.",
        "starting": f"It is not ready: its default model is not loaded; it serves {served}. "
        "Is SLIPWAY_DEFAULT_MODEL the name of a model that is there?",
        "draining": "It is not ready: it was told to stop and answers what is in flight.",
    }
    status = body.get("status", "")
    found = [(status == "ready", words.get(status, f"It says of itself: {status!r}."))]
    for refused in body.get("refused", ()):
        found.append((False, f"It refused to load a model: {refused}"))
    if body.get("redis") == "away":
        found.append((False, "Redis is away: batches and labels are refused, events wait."))
    if body.get("store") == "away":
        found.append(
            (False, "The store is away: it serves what it has loaded, and follows nothing.")
        )
    return found


def _predicts(url: str) -> list[tuple[bool, str]]:
    with client_at(url) as service:
        try:
            service.metadata()
        except Unreachable as wrong:
            return [(False, f"It stopped answering: {wrong}")]
        except Refused as refused:
            if refused.status in (401, 403):
                return [(False, f"It asks for a key ({refused.message}): put one in SLIPWAY_KEY.")]
            return [(False, f"It refuses: {refused}")]
    return [(True, "It answers this caller.")]
