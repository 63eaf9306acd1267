"""Versions made bad, each in a way of its own."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from support.versions import remanifested

Spoil = Callable[[Path], None]


def byte_changed(directory: Path) -> None:
    weights = bytearray((directory / "model.safetensors").read_bytes())
    weights[len(weights) // 2] ^= 1
    (directory / "model.safetensors").write_bytes(weights)


def weights_truncated(directory: Path) -> None:
    weights = (directory / "model.safetensors").read_bytes()
    (directory / "model.safetensors").write_bytes(weights[: len(weights) // 2])


def digest_changed(directory: Path) -> None:
    manifest = msgspec.json.decode((directory / "manifest.json").read_bytes())
    manifest["files"]["golden.json"]["sha256"] = "0" * 64
    (directory / "manifest.json").write_bytes(msgspec.json.encode(manifest))


def file_added(directory: Path) -> None:
    (directory / "notes.txt").write_text("harmless")


def file_linked(directory: Path) -> None:
    """A link to exactly the bytes that the manifest names."""
    outside = directory.parents[1] / f"outside-{directory.name}.json"
    (directory / "config.json").rename(outside)
    (directory / "config.json").symlink_to(outside)


def golden_answer_changed(directory: Path) -> None:
    """With digests to match: only the replay of the golden rows can tell."""
    golden = msgspec.json.decode((directory / "golden.json").read_bytes())
    golden[0]["expected"]["probabilities"]["spam"] = 0.123
    (directory / "golden.json").write_bytes(msgspec.json.encode(golden))
    remanifested(directory)


# What is done to a stored version, and the file that the refusal names.
IN_THE_STORE: dict[str, tuple[Spoil, str]] = {
    "a byte changed": (byte_changed, "model.safetensors"),
    "weights truncated": (weights_truncated, "model.safetensors"),
    "a wrong digest": (digest_changed, "golden.json"),
    "a file too many": (file_added, "notes.txt"),
    "a link": (file_linked, "config.json"),
}
# Another is published as it is, with a manifest that fits.
WRONG_ANSWERS = "wrong golden answers"
KINDS = (*IN_THE_STORE, WRONG_ANSWERS)
