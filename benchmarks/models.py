"""The three models that are measured, and what they are asked.

spam: the one that we ship. tabular: 14 numbers → 64 → 64 → 2. heavy: a text folded into 512
counts → five layers of 2048 → 10; 71 MB of weights, bound by memory when rows come one by one.
"""

import json
import shutil
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from benchmarks.mlp import Mlp, MlpClassifier, SlowClassifier
from slipway.model.artifact import make_manifest, write
from slipway.model.families import FAMILIES
from slipway.model.loading import load
from slipway.model.runtime import Model

REPOSITORY = Path(__file__).parents[1]
SPAM = (
    "Congratulations! Your number was drawn in our weekly prize of 2000 pounds. Call 09061234567 "
    "now, or text CLAIM to 87121 before Friday noon. 150p a min, 18 only."
)
TABULAR = {f"x{i}": round(0.37 * i - 1.5, 3) for i in range(14)}
NAMES = ("spam", "tabular", "heavy")
SLOW = "slow"  # 20 ms a row: to be asked more than it can answer


def questions(name: str, count: int = 8) -> list[dict[str, Any]]:
    """Instances that differ; the first is the one that is measured with."""
    if name == "tabular":
        return [{key: value + i for key, value in TABULAR.items()} for i in range(count)]
    return [{"message": SPAM if i == 0 else f"{SPAM[: 150 - i]} {i}"} for i in range(count)]


def register() -> None:
    """Lets the loader rebuild the families that are here for measuring."""
    for family in (MlpClassifier, SlowClassifier):
        FAMILIES.setdefault(family.name, family)  # type: ignore[arg-type]


def make(folder: Path, names: Collection[str] = NAMES) -> None:
    """Writes these models, laid out like the store, where they are not yet."""
    register()
    if "spam" in names and not (folder / "spam").is_dir():
        shutil.copytree(REPOSITORY / "models" / "spam", folder / "spam")
    numbers = [{"name": name, "type": "number"} for name in TABULAR]
    text = [{"name": "message", "type": "text", "max_length": 10_000}]
    made: dict[str, tuple[list[dict[str, Any]], list[int], str]] = {
        "tabular": (numbers, [14, 64, 64, 2], MlpClassifier.name),
        "heavy": (text, [512, *[2048] * 5, 10], MlpClassifier.name),
        SLOW: (text, [512, 64, 2], SlowClassifier.name),
    }
    for name, (inputs, sizes, family) in made.items():
        if name in names:
            _make(folder, name, inputs, sizes, family)


def loaded(folder: Path, name: str) -> Model:
    """A champion, loaded as the predictor loads it."""
    register()
    return load(next((folder / name / "versions").iterdir()))


def _make(
    folder: Path, name: str, inputs: list[dict[str, Any]], sizes: list[int], family: str
) -> None:
    directory = folder / name / "versions" / "1.0.0"
    if (directory / "manifest.json").exists():
        return
    torch.manual_seed(7)
    labels = [f"label_{i}" for i in range(sizes[-1])]
    signature = {"inputs": inputs, "output": {"kind": "classification", "labels": labels}}
    files = {
        "model.safetensors": save(Mlp(sizes).state_dict()),
        "config.json": _json({"sizes": sizes}),
        "signature.json": _json(signature | {"schema": 1}),
        **{f"{part}.json": _json({}) for part in ("metrics", "reference", "lineage")},
    }
    files["golden.json"] = _golden(name, sizes, files)
    manifest = make_manifest(
        name=name,
        version="1.0.0",
        family=family,
        files=files,
        made_by="benchmarks",
        now=datetime.now(UTC),
    )
    shutil.rmtree(directory, ignore_errors=True)
    write(directory, manifest, files)
    alias = {"generation": 1, "champion": "1.0.0", "previous": None, "who": "benchmarks"}
    (folder / name / "aliases").mkdir(parents=True, exist_ok=True)
    when = {"when": datetime.now(UTC).isoformat(), "why": "to measure", "schema": 1}
    (folder / name / "aliases" / "00000001.json").write_bytes(_json(alias | when))


def _golden(name: str, sizes: list[int], files: dict[str, bytes]) -> bytes:
    from slipway.model.families.base import Inputs
    from slipway.model.signature import Signature

    family = MlpClassifier.from_config(
        files["config.json"], Signature.from_json(files["signature.json"])
    )
    torch.manual_seed(7)
    network = Mlp(sizes)
    asked = questions(name, 2)
    rows: Inputs = family.preprocess(asked)
    with torch.inference_mode():
        answers = family.postprocess(network(torch.from_numpy(rows.arrays["x"])).numpy())
    expected = [{"prediction": a.prediction, "probabilities": a.probabilities} for a in answers]
    golden = zip(asked, expected, strict=True)
    return _json([{"instance": row, "expected": answer} for row, answer in golden])


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()
