"""Versions on their way into a store and out of it, every byte checked against the manifest."""

import hashlib
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from slipway.core.errors import ArtifactRefused, Conflict, NotFound
from slipway.model.artifact import (
    MANIFEST,
    FileEntry,
    Manifest,
    check_identity,
    check_names,
    verify,
)
from slipway.model.registry import Registry, StoredVersion

_PIECE_BYTES = 1 << 20


def check_new(registry: Registry, name: str, version: str) -> None:
    """Before any work: raises RecipeInvalid for a name or version that cannot be, Conflict for a
    version that is there already."""
    check_identity(name, version)
    if registry.store.exists(registry.version_key(name, version, MANIFEST)):
        raise Conflict(f"{name} {version} is in the store already, and versions never change.")


def publish(registry: Registry, directory: Path) -> StoredVersion:
    """Puts a verified directory as a new version, the manifest last.

    Raises Conflict where the version is there already, or where somebody left or is putting other
    files under its name; ArtifactRefused for a directory that is not what its manifest says.
    """
    manifest, _ = verify(directory)
    name, version = manifest.name, manifest.version
    check_new(registry, name, version)
    for file, entry in sorted(manifest.files.items()):
        _put(registry, manifest, file, entry, directory / file)
    registry.store.create(
        registry.version_key(name, version, MANIFEST), (directory / MANIFEST).read_bytes()
    )
    return registry.version(name, version)


def _put(registry: Registry, manifest: Manifest, file: str, entry: FileEntry, source: Path) -> None:
    key = registry.version_key(manifest.name, manifest.version, file)
    try:
        registry.store.create(key, _pieces(source))
    except Conflict:
        # A writer that was killed may have left the same bytes: then they are as good as ours.
        try:
            for _ in checked_stream(registry, manifest, file, entry):
                pass
        except ArtifactRefused:
            raise Conflict(
                f"{key} is there with other bytes, but its version is not finished: somebody is "
                "putting it now, or was interrupted (slipway models clean removes what is left)."
            ) from None


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def checked_stream(
    registry: Registry, manifest: Manifest, file: str, entry: FileEntry
) -> Iterator[bytes]:
    """A stored file's bytes. Raises ArtifactRefused, at the latest at its end, where they are not
    those of the manifest."""
    received, size = hashlib.sha256(), 0
    try:
        pieces = registry.store.stream(registry.version_key(manifest.name, manifest.version, file))
    except NotFound:
        raise ArtifactRefused(file, "is missing") from None
    for piece in pieces:
        size += len(piece)
        if size > entry.size_bytes:
            break
        received.update(piece)
        yield piece
    if size != entry.size_bytes:
        more = "more than " if size > entry.size_bytes else ""
        found = f"has {more}{min(size, entry.size_bytes)} bytes"
        raise ArtifactRefused(file, f"{found}, the manifest says {entry.size_bytes}")
    if received.hexdigest() != entry.sha256:
        raise ArtifactRefused(file, "its SHA-256 is not the one in the manifest")


def check_listing(registry: Registry, manifest: Manifest) -> None:
    """Raises ArtifactRefused for a stored version with a file too many or a link among them."""
    entries = registry.files(manifest.name, manifest.version)
    start = len(registry.version_key(manifest.name, manifest.version)) + 1
    for entry in entries:
        if entry.is_link:
            raise ArtifactRefused(entry.key[start:], "is a link, not a file")
    check_names(manifest, [entry.key[start:] for entry in entries])


def verify_stored(registry: Registry, name: str, version: str) -> StoredVersion:
    """Reads every byte of a stored version. Raises ArtifactRefused that names the first bad file."""
    stored = registry.version(name, version)
    check_listing(registry, stored.manifest)
    for file, entry in sorted(stored.manifest.files.items()):
        for _ in checked_stream(registry, stored.manifest, file, entry):
            pass
    return stored


def download(registry: Registry, stored: StoredVersion, target: Path) -> None:
    """Copies a stored version to `target`, which appears whole or not at all.

    Raises ArtifactRefused for a version that is not what its manifest says.
    """
    manifest = stored.manifest
    check_listing(registry, manifest)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        partial.mkdir(parents=True)
        for file, entry in sorted(manifest.files.items()):
            with (partial / file).open("xb") as copy:
                copy.writelines(checked_stream(registry, manifest, file, entry))
        body = registry.read(manifest.name, manifest.version, MANIFEST)
        (partial / MANIFEST).write_bytes(body)
        partial.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was first
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
