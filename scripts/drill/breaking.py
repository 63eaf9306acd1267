"""A version that loads and answers its golden rows, but not one message."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save

from slipway.model.artifact import MANIFEST, Manifest, make_manifest, write
from slipway.model.families import rebuild
from slipway.model.golden import read_golden
from slipway.model.signature import Instance, Signature

WEIGHTS = "model.safetensors"


def overflowing(source: Path, target: Path, instance: Instance) -> None:
    """A copy of a text classifier whose weights overflow for what this row has and no golden row."""
    files = {path.name: path.read_bytes() for path in source.iterdir() if path.name != MANIFEST}
    before = Manifest.from_json((source / MANIFEST).read_bytes())
    signature = Signature.from_json(files["signature.json"])
    family = rebuild(before.family, files["config.json"], signature)
    golden = [row.instance for row in read_golden(files["golden.json"])]
    known, unknown = (family.preprocess(rows).arrays["buckets"] for rows in (golden, [instance]))
    weights = load_file(source / WEIGHTS)
    weights["embedding.weight"][np.setdiff1d(unknown, known)] = np.finfo(np.float32).max
    files[WEIGHTS] = save(weights)
    manifest = make_manifest(
        name=before.name,
        version=target.name,
        family=before.family,
        files=files,
        made_by="drill",
        now=datetime.now(UTC),
    )
    write(target, manifest, files)
