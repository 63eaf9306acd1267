"""References as training writes them, and folders of models that hold nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from monitor.drift.reference import Reference
from slipway.model.training.reference import feature_references

Value = float | str | None


def reference_body(rows: Sequence[Mapping[str, Value]], **more: Any) -> bytes:
    """reference.json over these rows' features."""
    return msgspec.json.encode({"schema": 1, "features": feature_references(rows, 7), **more})


def reference_of(rows: Sequence[Mapping[str, Value]], **more: Any) -> Reference:
    return Reference.from_json(reference_body(rows, **more))


def columns(rows: Sequence[Mapping[str, Value]]) -> dict[str, list[Value]]:
    return {name: [row.get(name) for row in rows] for name in rows[0]}


def put_version(models: Path, model: str, version: str, **files: bytes) -> None:
    """Files of a version by their names without `.json`; no manifest, which the monitor needs none of."""
    folder = models / model / "versions" / version
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        (folder / f"{name}.json").write_bytes(body)


def put_alias(models: Path, model: str, generation: int, champion: str, **more: Any) -> None:
    folder = models / model / "aliases"
    folder.mkdir(parents=True, exist_ok=True)
    alias = {
        "generation": generation,
        "champion": champion,
        "who": "a test",
        "when": "2026-11-23T12:00:00+00:00",
        "why": "to see",
        "schema": 1,
        **more,
    }
    (folder / f"{generation:08d}.json").write_bytes(msgspec.json.encode(alias))
