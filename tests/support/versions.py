"""Versions of one small model that answer differently, made in milliseconds."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from safetensors.torch import load_file, save_file

from slipway.model.artifact import Manifest, make_manifest, to_json, write
from slipway.model.families import rebuild
from slipway.model.golden import read_golden
from slipway.model.signature import Signature

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def retuned(source: Path, target: Path, version: str, shift: float) -> Path:
    """A copy of a text classifier whose second label is likelier by `shift`, as another version."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    weights = load_file(source / "model.safetensors")
    weights["linear.bias"][1] += shift
    save_file(weights, target / "model.safetensors")
    files = {
        path.name: path.read_bytes()
        for path in source.iterdir()
        if path.name not in ("manifest.json", "golden.json", "model.safetensors")
    }
    files["golden.json"] = _golden_of(source, target / "model.safetensors")
    files["model.safetensors"] = (target / "model.safetensors").read_bytes()
    before = Manifest.from_json((source / "manifest.json").read_bytes())
    manifest = make_manifest(
        name=before.name,
        version=version,
        family=before.family,
        files=files,
        made_by="tests",
        now=NOW,
    )
    write(target, manifest, files)
    return target


def _golden_of(source: Path, weights: Path) -> bytes:
    signature = Signature.from_json((source / "signature.json").read_bytes())
    config = (source / "config.json").read_bytes()
    family = rebuild("text-classifier", config, signature)
    network = family.network(weights, "cpu")
    rows = read_golden((source / "golden.json").read_bytes())
    instances = [row.instance for row in rows]
    answers = family.postprocess(network(family.preprocess(instances)))
    pairs = zip(rows, answers, strict=True)
    return to_json([msgspec.structs.replace(row, expected=answer) for row, answer in pairs])


def remanifested(directory: Path) -> Path:
    """The manifest made again over the files as they are now: digests are right, contents may not be."""
    before = Manifest.from_json((directory / "manifest.json").read_bytes())
    files = {p.name: p.read_bytes() for p in directory.iterdir() if p.name != "manifest.json"}
    manifest = make_manifest(
        name=before.name,
        version=before.version,
        family=before.family,
        files=files,
        made_by="tests",
        now=NOW,
    )
    (directory / "manifest.json").write_bytes(to_json(manifest))
    return directory
