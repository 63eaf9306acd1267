"""Versions that a process would not load: noted in the store, so that people see the reason."""

from contextlib import suppress
from typing import Self

import msgspec

from slipway.core.errors import Conflict
from slipway.model.artifact import to_json
from slipway.model.registry import Registry

SCHEMA = 1
_FOLDER = "refusals"


class RefusedVersion(msgspec.Struct, frozen=True):
    """models/<name>/refusals/<generation>-<version>.json. where: the host that refused it first."""

    version: str
    generation: int
    reason: str
    when: str
    where: str
    schema: int = SCHEMA

    @classmethod
    def from_json(cls, body: bytes) -> Self | None:
        """None for what this release does not read."""
        try:
            found = msgspec.json.decode(body, type=cls)
        except ValueError:
            return None
        return found if found.schema == SCHEMA else None


def note_refusal(registry: Registry, name: str, refused: RefusedVersion) -> None:
    """Of all processes that follow an alias the first one's note is kept."""
    file = f"{refused.generation:08d}-{refused.version}.json"
    with suppress(Conflict):
        registry.store.create(registry.key(name, _FOLDER, file), to_json(refused))


def refusals(registry: Registry, name: str) -> list[RefusedVersion]:
    """Every noted refusal, oldest generation first."""
    entries = registry.store.list(registry.key(name, _FOLDER))
    found = (RefusedVersion.from_json(registry.store.read(entry.key)) for entry in entries)
    return [refused for refused in found if refused is not None]


def refused_versions(registry: Registry, name: str) -> set[str]:
    """Versions that some process would not load."""
    return {refused.version for refused in refusals(registry, name)}
