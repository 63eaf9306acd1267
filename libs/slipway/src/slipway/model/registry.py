"""The registry: which versions of which models are in a store, and which one serves.

models/<name>/versions/<version>/…, the manifest last; models/<name>/aliases/<generation>.json,
one object a change. Reads and writes bytes only, so that nothing here needs torch.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from slipway.core.errors import ArtifactRefused, Conflict, ModelNotFound, NotFound
from slipway.core.shared_settings import StoreSettings
from slipway.core.store import Entry, Store, open_store
from slipway.model.aliases import Alias, alias_file
from slipway.model.artifact import MANIFEST, NAME, VERSION, Manifest, sha256_of, to_json

ROOT = "models"
ALIAS_KEY = re.compile(r"/aliases/\d{8}\.json$")


@dataclass(frozen=True)
class StoredVersion:
    """A version that exists. digest: of its manifest, in hex. size_bytes: of all its files."""

    manifest: Manifest
    digest: str
    size_bytes: int


class Registry:
    """Models below `root` of a store. Raises Unavailable when the store is away."""

    def __init__(self, store: Store, root: str = ROOT) -> None:
        self.store = store
        self._root = root

    @property
    def is_store(self) -> bool:
        """A whole store, which keeps more than models; else a folder of models alone."""
        return self._root == ROOT

    def names(self) -> list[str]:
        """Models with anything stored, in order."""
        return [name for name in self.store.folders(self._root) if NAME.fullmatch(name)]

    def version_names(self, name: str) -> list[str]:
        """Versions of a model with a manifest, oldest number first."""
        found = [v for v in self.store.folders(self.key(name, "versions")) if VERSION.fullmatch(v)]
        kept = [v for v in found if self.store.exists(self.version_key(name, v, MANIFEST))]
        return sorted(kept, key=version_order)

    def version(self, name: str, version: str) -> StoredVersion:
        """Raises ModelNotFound, or ArtifactRefused for a manifest that cannot be read or is another's."""
        body = self.read(name, version, MANIFEST)
        manifest = Manifest.from_json(body)
        if (manifest.name, manifest.version) != (name, version):
            raise ArtifactRefused(MANIFEST, f"is of {manifest.name} {manifest.version}")
        size = len(body) + sum(entry.size_bytes for entry in manifest.files.values())
        return StoredVersion(manifest, sha256_of(body), size)

    def read(self, name: str, version: str, file: str) -> bytes:
        """A small file of a version, as it is stored. Raises ModelNotFound."""
        try:
            return self.store.read(self.version_key(name, version, file))
        except NotFound:
            raise ModelNotFound(f"The store has no {file} of {name} {version}.") from None

    def files(self, name: str, version: str) -> list[Entry]:
        """Every object below the version's key, whether it belongs there or not."""
        return list(self.store.list(self.version_key(name, version)))

    def newest(self, name: str) -> Alias | None:
        """The alias that decides now. Raises ArtifactRefused for one that cannot be read."""
        keys = self._alias_keys(name)
        return self._alias(keys[-1]) if keys else None

    def history(self, name: str) -> Iterator[Alias]:
        """Every generation, oldest first: which version was live when, who changed it, why."""
        return map(self._alias, self._alias_keys(name))

    def newest_generation(self, name: str) -> int:
        """0 where no version was ever promoted."""
        keys = self._alias_keys(name)
        return generation_of(keys[-1]) if keys else 0

    def generation(self, name: str, generation: int) -> Alias | None:
        """One generation, None where nobody has put it yet: what a process that follows asks for."""
        try:
            return self._alias(self.key(name, "aliases", alias_file(generation)))
        except NotFound:
            return None

    def put(self, name: str, alias: Alias) -> None:
        """Makes the alias the newest. Raises Conflict, saying who did, where somebody was first."""
        key = self.key(name, "aliases", alias_file(alias.generation))
        try:
            self.store.create(key, to_json(alias))
        except Conflict:
            raise Conflict(
                f"Generation {alias.generation} of {name} is taken: {self._who(key)}. "
                "Look at the history, then decide again."
            ) from None

    def _who(self, key: str) -> str:
        try:
            taken = self._alias(key)
        except (ArtifactRefused, NotFound):
            return "by an alias that this release cannot read"
        return f"{taken.who} made {taken.champion} the champion at {taken.when} ({taken.why})"

    def _alias(self, key: str) -> Alias:
        body = self.store.read(key)
        try:
            alias = Alias.from_json(body)
        except ValueError as wrong:
            raise ArtifactRefused(key, str(wrong)) from None
        if alias.generation != generation_of(key):
            raise ArtifactRefused(key, f"says that it is generation {alias.generation}")
        return alias

    def _alias_keys(self, name: str) -> list[str]:
        entries = self.store.list(self.key(name, "aliases"))
        return [entry.key for entry in entries if ALIAS_KEY.search(entry.key)]

    def key(self, name: str, *parts: str) -> str:
        """The key of something of a model. Raises ModelNotFound for what cannot be a model's name."""
        if not NAME.fullmatch(name):
            raise ModelNotFound(f"{name!r} is no name of a model.")
        return "/".join(filter(None, (self._root, name, *parts)))

    def version_key(self, name: str, version: str, *parts: str) -> str:
        if not VERSION.fullmatch(version):
            raise ModelNotFound(f"{version!r} is no version (three numbers, such as 3.1.0).")
        return self.key(name, "versions", version, *parts)


def generation_of(key: str) -> int:
    """The number in an alias's key."""
    return int(key[-13:-5])


def version_order(version: str) -> tuple[tuple[int, ...], bool, str]:
    """Sorts 3.10.0 behind 3.9.0, and 3.9.0-rc1 before 3.9.0."""
    numbers, _, suffix = version.partition("-")
    return tuple(map(int, numbers.split("."))), not suffix, suffix


def open_registry(settings: StoreSettings) -> Registry:
    """The registry in the settings' store."""
    return Registry(open_store(settings))


def version_directory(models: Path, name: str, version: str) -> Path:
    """Where a folder of models has a version."""
    return models / name / "versions" / version


def registry_in_folder(models: Path) -> Registry:
    """The registry in a folder of models, such as a checkout's or an image's own."""
    url = models.absolute().as_uri()
    return Registry(open_store(StoreSettings(store_url=url)), root="")
