"""What may go from a store: versions that were never finished, and old ones that no alias names."""

from dataclasses import dataclass
from datetime import datetime

from slipway.core.errors import Conflict
from slipway.model.aliases import Alias
from slipway.model.artifact import MANIFEST, VERSION
from slipway.model.registry import Registry


@dataclass(frozen=True)
class Leftover:
    """A version to be removed, why, and how much it takes."""

    name: str
    version: str
    reason: str
    size_bytes: int


def leftovers(registry: Registry, name: str, before: datetime) -> list[Leftover]:
    """Versions without a manifest whose files are all older than `before`."""
    found = []
    for version in registry.store.folders(registry.key(name, "versions")):
        if not VERSION.fullmatch(version):
            continue
        entries = registry.files(name, version)
        finished = any(entry.key.endswith(f"/{MANIFEST}") for entry in entries)
        if not finished and all(entry.modified_at < before for entry in entries):
            size = sum(entry.size_bytes for entry in entries)
            found.append(Leftover(name, version, "was never finished", size))
    return found


def old_versions(registry: Registry, name: str, keep: int) -> list[Leftover]:
    """Versions beyond the newest `keep`, except those that the newest alias names."""
    named = names_of(registry.newest(name))
    old = registry.version_names(name)[:-keep]
    return [
        Leftover(name, v, f"is not among the newest {keep}", registry.version(name, v).size_bytes)
        for v in old
        if v not in named
    ]


def names_of(alias: Alias | None) -> set[str]:
    """The versions that an alias names."""
    if alias is None:
        return set()
    challenger = alias.challenger.version if alias.challenger else None
    return {version for version in (alias.champion, alias.previous, challenger) if version}


def remove(registry: Registry, leftover: Leftover) -> None:
    """Takes the manifest first: from then on the version does not exist.

    Raises Conflict for a version that an alias has come to name meanwhile.
    """
    name, version = leftover.name, leftover.version
    if version in names_of(registry.newest(name)):
        raise Conflict(f"{name} {version} is named by the newest alias and stays.")
    registry.store.delete(registry.version_key(name, version, MANIFEST))
    for entry in registry.files(name, version):
        registry.store.delete(entry.key)
