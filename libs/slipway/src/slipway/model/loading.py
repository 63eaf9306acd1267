"""From a version's directory to a model that may serve, or the reason why not."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from slipway.core.errors import ArtifactRefused
from slipway.model.artifact import read_file, verify
from slipway.model.capacity import measured
from slipway.model.families import rebuild
from slipway.model.golden import GOLDEN, read_golden, replay
from slipway.model.runtime import Model
from slipway.model.signature import Signature
from slipway.model.validation import checked_instance


def load(directory: Path, device: str = "cpu", module_packages: Collection[str] = ()) -> Model:
    """Verifies digests, rebuilds the architecture, loads weights strictly, replays golden rows.

    device: `cpu` or `cuda:N`; the same files serve both. module_packages: whose classes a version
    of the family `module` may use. Raises ArtifactRefused that names the file and the reason.
    """
    manifest, digest = verify(directory)
    signature = _read_signature(directory)
    config = read_file(directory, "config.json")
    family = rebuild(manifest.family, config, signature, module_packages)
    network = family.network(directory / manifest.weights, device)
    model = Model(
        manifest=manifest,
        digest=digest,
        signature=signature,
        metrics=_read_object(directory, "metrics.json"),
        lineage=_read_object(directory, "lineage.json"),
        family=family,
        network=network,
        device=device,
    )
    golden = read_golden(read_file(directory, GOLDEN))
    replay(golden, signature, model.predict)
    rows = [checked_instance(signature, row.instance) for row in golden]
    return replace(model, capacity=measured(model.predict, rows))


def _read_signature(directory: Path) -> Signature:
    try:
        return Signature.from_json(read_file(directory, "signature.json"))
    except ValueError as wrong:
        raise ArtifactRefused("signature.json", str(wrong)) from None


def _read_object(directory: Path, name: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(read_file(directory, name), type=dict[str, Any])
    except ValueError as wrong:
        raise ArtifactRefused(name, f"is not a JSON object: {wrong}") from None
