"""A model and a sample in, the files of a version out, once both answer the sample alike."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import torch

from slipway.core.errors import ArtifactRefused, InvalidInput, PackagingRefused
from slipway.model.artifact import Manifest, make_manifest, to_json, write
from slipway.model.families.imported import Imported
from slipway.model.families.imported_config import ImportedConfig, ModuleConfig, OnnxConfig
from slipway.model.families.module import Module
from slipway.model.families.onnx import Onnx
from slipway.model.loading import load
from slipway.model.packaging import (
    estimators,
    exported_programs,
    keras_models,
    onnx_files,
    state_dicts,
)
from slipway.model.packaging.comparing import Compared, compared
from slipway.model.packaging.fields import fields_of
from slipway.model.packaging.making import (
    categories_of,
    golden_rows,
    judged,
    lineage_of,
    reference_of,
    typical_of,
)
from slipway.model.packaging.samples import Row, Sample, sample_of
from slipway.model.packaging.sniffing import Kind, kind_of_file
from slipway.model.packaging.wanted import Converted, ScoreKind, Wanted
from slipway.model.registry import Registry
from slipway.model.signature import Field, Instance, Output, Signature
from slipway.model.transfer import check_new, publish
from slipway.model.validation import checked_instance

Converter = Callable[[Path, Sequence[Field], Wanted], Converted]
CONVERTERS: dict[Kind, Converter] = {
    "state_dict": state_dicts.convert,
    "exported_program": exported_programs.convert,
    "keras": keras_models.convert,
    "skops": estimators.convert,
    "onnx": onnx_files.convert,
}
_WEIGHTS = {"module": "model.safetensors", "onnx": "model.onnx"}
# Probabilities of a row add up to 1, as far as single precision goes.
_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Packaged:
    """A finished version, and how it compared."""

    manifest: Manifest
    files: dict[str, bytes]
    signature: Signature
    compared: Compared
    metrics: dict[str, Any]


def package_file(path: Path, sample: Sample, wanted: Wanted) -> Packaged:
    """Raises PackagingRefused that says what to do instead."""
    kind = kind_of_file(path)
    fields = fields_of(sample.rows, wanted.inputs)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    source = {"file": path.name, "kind": kind, "sha256": digest}
    return _packaged(CONVERTERS[kind](path, fields, wanted), sample, wanted, source)


def package_object(model: Any, sample: Sample, wanted: Wanted) -> Packaged:
    """As package_file for a model in memory: a scikit-learn estimator or a torch module, whose class
    an installed package has."""
    fields = fields_of(sample.rows, wanted.inputs)
    source = {"kind": f"{type(model).__module__}.{type(model).__qualname__}"}
    if isinstance(model, torch.nn.Module):
        converted = state_dicts.convert_state(dict(model.state_dict()), fields, wanted)
    else:
        converted = estimators.convert_estimator(model, fields, wanted)
    return _packaged(converted, sample, wanted, source)


def package_into(model: Any, rows: Sequence[Row], registry: Registry, wanted: Wanted) -> Packaged:
    """From a notebook: packages a model that is in memory, and publishes it."""
    check_new(registry, wanted.name, wanted.version)
    digest = hashlib.sha256(msgspec.json.encode(rows)).hexdigest()
    made = package_object(model, sample_of(rows, digest, wanted.target), wanted)
    publish_packaged(made, registry, wanted)
    return made


def publish_packaged(made: Packaged, registry: Registry, wanted: Wanted) -> None:
    """Loads it once as the predictor will: what would be refused there is told of now."""
    with TemporaryDirectory(prefix="slipway-package-") as scratch:
        directory = Path(scratch) / "made"
        write(directory, made.manifest, made.files)
        try:
            load(directory, module_packages=wanted.module_packages)
        except ArtifactRefused as wrong:
            raise PackagingRefused(f"The packaged model does not load: {wrong}") from None
        publish(registry, directory)


def _packaged(
    converted: Converted, sample: Sample, wanted: Wanted, source: dict[str, Any]
) -> Packaged:
    signature = _signature(converted, wanted)
    rows = _checked(signature, sample.rows)
    config = _config(converted, signature, rows, wanted)
    encoded = to_json(config)
    family = _family(converted, encoded, signature, wanted)
    found = _compared(family, converted, rows)
    metrics, predictions = judged(signature, sample, converted.labels, found, wanted.seed)
    files = {
        _WEIGHTS[converted.family]: converted.weights,
        "config.json": encoded,
        "signature.json": to_json(signature),
        "metrics.json": to_json(metrics),
        "reference.json": to_json(reference_of(family, rows, found, predictions, wanted.seed)),
        "golden.json": to_json(golden_rows(rows, found, wanted.golden_rows)),
        "lineage.json": to_json(lineage_of(sample, found, converted, wanted, source)),
    }
    manifest = make_manifest(
        name=wanted.name,
        version=wanted.version,
        family=converted.family,
        files=files,
        made_by="slipway package",
        now=wanted.now,
        weights="onnx" if converted.family == "onnx" else "safetensors",
    )
    return Packaged(manifest, files, signature, found, metrics)


def _family(converted: Converted, config: bytes, signature: Signature, wanted: Wanted) -> Imported:
    """As the predictor will make it."""
    try:
        if converted.family == "module":
            return Module.from_config(config, signature, wanted.module_packages)
        return Onnx.from_config(config, signature)
    except ValueError as wrong:
        raise PackagingRefused(str(wrong)) from None


def _signature(converted: Converted, wanted: Wanted) -> Signature:
    labels = wanted.labels or converted.labels
    if converted.labels and len(labels) != len(converted.labels):
        known = ", ".join(converted.labels)
        raise PackagingRefused(f"The model knows {len(converted.labels)} labels: {known}.")
    if labels and (converted.scores == "number" or wanted.unit is not None):
        raise PackagingRefused("A model answers with labels or with a number in a unit, not both.")
    if not labels and converted.scores != "number" and wanted.unit is None:
        raise PackagingRefused(
            "What do the answers mean? Give --labels, in the order of the model's outputs "
            "(--labels no,yes), or --unit for a number (--unit EUR, or --unit '' without one)."
        )
    output = (
        Output("classification", labels) if labels else Output("regression", unit=wanted.unit or "")
    )
    try:
        return Signature(converted.fields, output)
    except ValueError as wrong:
        raise PackagingRefused(f"Signature: {wrong}") from None


def _checked(signature: Signature, rows: Sequence[Row]) -> list[Instance]:
    found = []
    for place, row in enumerate(rows):
        try:
            found.append(checked_instance(signature, row))
        except InvalidInput as wrong:
            raise PackagingRefused(f"Row {place} of the sample: {wrong}") from None
    return found


def _config(
    converted: Converted, signature: Signature, rows: Sequence[Instance], wanted: Wanted
) -> ImportedConfig:
    fields = signature.inputs
    common: dict[str, Any] = {
        "feeds": converted.feeds,
        "scores": _score_kind(converted, signature, rows, wanted),
        "typical": typical_of(fields, rows),
        "categories": categories_of(fields, rows),
    }
    if converted.family == "onnx":
        return OnnxConfig(**common, output=converted.output)
    arguments = dict(wanted.arguments)
    return ModuleConfig(**common, module_class=wanted.module_class, arguments=arguments)


def _score_kind(
    converted: Converted, signature: Signature, rows: Sequence[Instance], wanted: Wanted
) -> ScoreKind:
    """What the original's scores are, of which there must be as many as there are labels."""
    scores = converted.original(rows[: max(2, min(len(rows), 64))])
    width = scores.reshape(len(scores), -1).shape[1]
    labels = signature.output.labels
    if not labels:
        if width != 1:
            raise PackagingRefused(f"A number is one score a row; the model gives {width}.")
        return "number"
    if width != len(labels) and not (width == 1 and len(labels) == 2):
        raise PackagingRefused(
            f"There are {len(labels)} labels, but the model gives {width} scores."
        )
    if wanted.scores != "auto":
        return wanted.scores
    if converted.scores is not None:
        return converted.scores
    if width == 1:
        raise PackagingRefused(
            "The model gives one score a row: say with --scores whether it is a logit or already "
            f"the probability of {labels[1]!r} (--scores logits, --scores probabilities)."
        )
    sums = scores.reshape(len(scores), -1).sum(axis=1)
    shares = bool((scores >= 0).all() and (abs(sums - 1) <= _SUM_TOLERANCE).all())
    return "probabilities" if shares else "logits"


def _compared(family: Imported, converted: Converted, rows: Sequence[Instance]) -> Compared:
    with TemporaryDirectory(prefix="slipway-package-") as scratch:
        weights = Path(scratch) / _WEIGHTS[converted.family]
        weights.write_bytes(converted.weights)
        try:
            network = family.network(weights, "cpu")
            return compared(
                family,
                converted.original,
                lambda instances: network(family.preprocess(instances)),
                rows,
            )
        except ArtifactRefused as wrong:
            raise PackagingRefused(str(wrong)) from None
