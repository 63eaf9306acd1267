"""The files of a model version: their names, the manifest that vouches for them, writing and verifying.

manifest.json is written last: a version without one does not exist. Its own SHA-256 is the
version's digest. Nothing here reads a format that can carry code.
"""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import Literal, Self

import msgspec

from slipway.core.errors import ArtifactRefused, Conflict, RecipeInvalid

SCHEMA = 1
MANIFEST = "manifest.json"
WEIGHTS = {"safetensors": "model.safetensors", "onnx": "model.onnx"}
REQUIRED = (
    "config.json",
    "signature.json",
    "metrics.json",
    "reference.json",
    "golden.json",
    "lineage.json",
)
OPTIONAL = ("optimizer.safetensors", "training.json")
KNOWN = frozenset({MANIFEST, *WEIGHTS.values(), *REQUIRED, *OPTIONAL})
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
VERSION = re.compile(r"\d{1,9}\.\d{1,9}\.\d{1,9}(-[0-9A-Za-z.-]{1,32})?")
_MAX_JSON_BYTES = 16_000_000


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one file must be."""

    size_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who this version is, and every other file of it."""

    name: str
    version: str
    family: str
    format: Literal["safetensors", "onnx"]
    created_at: str
    made_by: str
    files: dict[str, FileEntry]
    schema: int
    parent: str | None = None

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Raises ArtifactRefused for anything that is not a manifest that this release reads."""
        try:
            manifest = msgspec.json.decode(body, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
            raise ArtifactRefused(MANIFEST, f"is not a manifest: {wrong}") from None
        if manifest.schema != SCHEMA:
            reason = f"has schema {manifest.schema}, this release reads {SCHEMA}"
            raise ArtifactRefused(MANIFEST, reason)
        if not NAME.fullmatch(manifest.name) or not VERSION.fullmatch(manifest.version):
            raise ArtifactRefused(MANIFEST, "names no valid model and version")
        return manifest

    @property
    def weights(self) -> str:
        """The name of the file that holds the weights."""
        return WEIGHTS[self.format]


def sha256_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def make_manifest(
    *,
    name: str,
    version: str,
    family: str,
    files: dict[str, bytes],
    made_by: str,
    now: datetime,
    weights: Literal["safetensors", "onnx"] = "safetensors",
    parent: str | None = None,
) -> Manifest:
    """The manifest of these file contents."""
    entries = {k: FileEntry(len(body), sha256_of(body)) for k, body in sorted(files.items())}
    created_at = now.astimezone(UTC).isoformat(timespec="seconds")
    return Manifest(name, version, family, weights, created_at, made_by, entries, SCHEMA, parent)


def check_identity(name: str, version: str) -> None:
    """Raises RecipeInvalid for a name or version that cannot be."""
    if not NAME.fullmatch(name):
        raise RecipeInvalid(f"not a model name: {name!r} (lower-case letters, digits, - and _)")
    if not VERSION.fullmatch(version):
        raise RecipeInvalid(f"not a version: {version!r} (three numbers, such as 3.1.0)")


def write(directory: Path, manifest: Manifest, files: dict[str, bytes]) -> None:
    """Writes a version into a new directory, the manifest last.

    Raises Conflict where a version is already: versions never change.
    """
    check_identity(manifest.name, manifest.version)
    if (directory / MANIFEST).exists():
        raise Conflict(f"{directory} already holds a version, and versions never change")
    directory.mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        _write_synced(directory / name, body)
    _write_synced(directory / MANIFEST, to_json(manifest))


def _write_synced(path: Path, body: bytes) -> None:
    """Whole or not at all: readers see the old name or the complete file."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)


def to_json(value: object) -> bytes:
    """JSON for people too: keys in the order of their definition, indented, one line end."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def verify(directory: Path) -> tuple[Manifest, str]:
    """The manifest and the version's digest, once every file is exactly what the manifest says.

    Raises ArtifactRefused that names the first file which is missing, extra, a link, of another
    size or of another digest.
    """
    body = read_file(directory, MANIFEST, _MAX_JSON_BYTES)
    manifest = Manifest.from_json(body)
    check_names(manifest, [path.name for path in directory.iterdir()])
    for name, entry in manifest.files.items():
        _verify_file(directory, name, entry)
    return manifest, sha256_of(body)


def check_names(manifest: Manifest, present: Iterable[str]) -> None:
    """Raises ArtifactRefused where the manifest lacks a file that every version has, lists one
    that none has, or something is present that it does not list."""
    needed = {manifest.weights, *REQUIRED}
    if missing := needed - manifest.files.keys():
        raise ArtifactRefused(MANIFEST, f"does not list {sorted(missing)[0]}")
    for name in sorted(manifest.files):
        if name not in KNOWN or name == MANIFEST:
            raise ArtifactRefused(name, "is listed in the manifest, but no version has such a file")
    for name in sorted(present):
        if name not in manifest.files and name != MANIFEST:
            raise ArtifactRefused(name, "is not listed in the manifest")


def _verify_file(directory: Path, name: str, entry: FileEntry) -> None:
    with _open_regular(directory, name) as file:
        size = os.fstat(file.fileno()).st_size
        if size != entry.size_bytes:
            raise ArtifactRefused(name, f"has {size} bytes, the manifest says {entry.size_bytes}")
        if hashlib.file_digest(file, "sha256").hexdigest() != entry.sha256:
            raise ArtifactRefused(name, "its SHA-256 is not the one in the manifest")


def read_file(directory: Path, name: str, limit_bytes: int = _MAX_JSON_BYTES) -> bytes:
    """A small file of a version. Raises ArtifactRefused where it is missing, a link or too large."""
    with _open_regular(directory, name) as file:
        body = file.read(limit_bytes + 1)
    if len(body) > limit_bytes:
        raise ArtifactRefused(name, f"is larger than {limit_bytes} bytes")
    return body


def _open_regular(directory: Path, name: str) -> BufferedReader:
    """Opens without following a link, so that what is verified is what lies in the directory."""
    try:
        descriptor = os.open(directory / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise ArtifactRefused(name, "is missing") from None
    except OSError as wrong:
        if wrong.errno == errno.ELOOP:
            raise ArtifactRefused(name, "is a link, not a file") from None
        raise ArtifactRefused(name, f"cannot be read: {wrong.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ArtifactRefused(name, "is not a regular file")
    return os.fdopen(descriptor, "rb")
