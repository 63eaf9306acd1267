"""A person asks for a retraining: an object in the store that the monitor finds.

models/<name>/retrain/<id>.json. Whoever may write there may promote as well, so that no other
permission is needed; it is removed once the monitor has written down what became of it.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Self

import msgspec

from slipway.core.errors import NotFound, Unavailable
from slipway.model.artifact import to_json
from slipway.model.registry import Registry
from slipway.model.training.recipe import Recipe

SCHEMA = 1
_FOLDER = "retrain"
_KEY = re.compile(r"/retrain/([0-9a-z-]{1,32})\.json$")


class RetrainRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """recipe: other hyperparameters than the champion's; its inputs and target have to be the same."""

    request_id: str
    who: str
    why: str
    when: str
    schema: int = SCHEMA
    recipe: Recipe | None = None

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Raises ValueError for anything that is not a request that this release reads."""
        found = msgspec.json.decode(body, type=cls)
        if found.schema != SCHEMA:
            raise ValueError(f"request schema {found.schema}, this release reads {SCHEMA}")
        return found


def no_champion(model: str) -> str:
    """Why a model cannot be trained again where a store names no champion of it, and what mends it."""
    return (
        f"The store names no champion of {model}, and what an image came with brings no training rows. "
        f"Train one first: slipway train recipes/{model}.toml --version 1.0.1 --promote"
    )


def ask(
    registry: Registry, model: str, *, who: str, why: str, now: datetime, recipe: Recipe | None
) -> RetrainRequest:
    """Puts the request; its id is that of the retraining to come."""
    when = now.astimezone(UTC)
    request = RetrainRequest(
        request_id=f"{when:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
        who=who,
        why=why,
        when=when.isoformat(timespec="milliseconds"),
        recipe=recipe,
    )
    registry.store.create(_key(registry, model, request.request_id), to_json(request))
    return request


def requests_for(registry: Registry, model: str) -> Iterator[RetrainRequest]:
    """Oldest first. One that cannot be read is removed: nobody will ever answer it."""
    for entry in list(registry.store.list(registry.key(model, _FOLDER))):
        if not (found := _KEY.search(entry.key)):
            continue
        try:
            yield RetrainRequest.from_json(registry.store.read(entry.key))
        except ValueError:
            forget(registry, model, found[1])
        except NotFound:
            continue


def forget(registry: Registry, model: str, request_id: str) -> None:
    """What may not be removed stays, and is known by its id as answered."""
    with suppress(Unavailable):
        registry.store.delete(_key(registry, model, request_id))


def _key(registry: Registry, model: str, request_id: str) -> str:
    return registry.key(model, _FOLDER, f"{request_id}.json")
