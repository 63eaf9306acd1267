"""The files of a version, from the model's own answers to the sample."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from slipway.core.errors import PackagingRefused
from slipway.model.artifact import to_json
from slipway.model.families.imported import Imported
from slipway.model.golden import GoldenRow
from slipway.model.packaging.comparing import Compared
from slipway.model.packaging.samples import Row, Sample
from slipway.model.packaging.wanted import Converted, Wanted
from slipway.model.signature import Field, Instance, Signature
from slipway.model.training.evaluation import classification_report
from slipway.model.training.judging_numbers import r_squared
from slipway.model.training.lineage import library_versions
from slipway.model.training.reference import (
    feature_references,
    numeric_reference,
    prediction_reference,
)

_GOLDEN_BYTES = 1_000_000


def typical_of(fields: Sequence[Field], rows: Sequence[Instance]) -> Row:
    """Medians and the commonest categories; of a text nothing."""
    return {field.name: _typical(field, [row[field.name] for row in rows]) for field in fields}


def _typical(field: Field, values: Sequence[Any]) -> Any:
    if field.type == "text":
        return ""
    present = [value for value in values if value is not None]
    if field.type == "category":
        return max(sorted(set(present)), key=present.count)
    middle = np.median(np.array(present, dtype=np.float64), axis=0)
    rounded = np.vectorize(lambda number: float(f"{number:.6g}"))(middle).tolist()
    return round(rounded) if field.type == "integer" else rounded


def categories_of(fields: Sequence[Field], rows: Sequence[Instance]) -> dict[str, tuple[str, ...]]:
    """The values that the sample has, of fields that may have others."""
    return {
        field.name: tuple(sorted({r[field.name] for r in rows if r[field.name] is not None}))
        for field in fields
        if field.type == "category"
    }


def golden_rows(rows: Sequence[Instance], compared: Compared, count: int) -> list[GoldenRow]:
    """The first row of each answer, then others from the start; fewer where rows are large."""
    answers = [prediction.prediction for prediction in compared.predictions]
    first = {answer: place for place, answer in reversed(list(enumerate(answers)))}
    wanted = sorted(first.values()) if isinstance(answers[0], str) else []
    places = list(dict.fromkeys([*wanted, *range(len(rows))]))[: max(count, 1)]
    chosen: list[GoldenRow] = []
    size = 0
    for place in sorted(places):
        row = GoldenRow(rows[place], compared.predictions[place])
        size += len(to_json(row))
        if chosen and size > _GOLDEN_BYTES:
            break
        chosen.append(row)
    return chosen


def judged(
    signature: Signature, sample: Sample, own: Sequence[str], compared: Compared, seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """metrics.json, and reference.json's part on predictions. own: what the model itself calls its
    labels; a target may have the signature's name, the model's, or the place among them."""
    labels = signature.output.labels
    if not labels:
        return _judged_numbers(sample, compared, seed)
    if not sample.targets:
        answers = [prediction.prediction for prediction in compared.predictions]
        counts = {label: answers.count(label) for label in labels}
        reference = {
            "predictions": {"type": "category", "n": len(answers), "counts": counts},
            "confidence": numeric_reference(compared.meanings.max(axis=1), seed),
        }
        return _unjudged(), reference
    names = (map(str, range(len(labels))), own, labels)
    places = {name: place for several in names for place, name in enumerate(several)}
    truth = np.array([places.get(_label(target), -1) for target in sample.targets])
    if (truth < 0).any():
        odd = sample.targets[int((truth < 0).argmax())]
        raise PackagingRefused(f"The target {odd!r} is none of the labels {', '.join(labels)}.")
    report = classification_report(labels, truth, compared.meanings, seed)
    reference = prediction_reference(labels, truth, compared.meanings, seed)
    return {"schema": 1, "evaluated_on": _evaluated_on(sample), **report}, reference


def _judged_numbers(
    sample: Sample, compared: Compared, seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    numbers = compared.meanings[:, 0]
    reference: dict[str, Any] = {"predictions": numeric_reference(numbers, seed)}
    if not sample.targets:
        return _unjudged(), reference
    try:
        truth = np.array(sample.targets, dtype=np.float64)
    except ValueError:
        raise PackagingRefused("The target is no number in some row of the sample.") from None
    apart = truth - numbers
    reference["residuals"] = numeric_reference(apart, seed)
    figures = {
        "n": len(truth),
        "r2": {"value": r_squared(truth, numbers)},
        "rmse": {"value": float(np.sqrt((apart**2).mean()))},
        "mae": {"value": float(np.abs(apart).mean())},
    }
    return {"schema": 1, "evaluated_on": _evaluated_on(sample), **figures}, reference


def _unjudged() -> dict[str, Any]:
    return {"schema": 1, "n": 0, "evaluated_on": "nothing: the sample had no target"}


def _evaluated_on(sample: Sample) -> str:
    return f"the sample that was packaged with it, {len(sample.rows)} rows"


def _label(target: object) -> str:
    """A CSV's 1.0 is the label 1."""
    return str(int(target)) if isinstance(target, float) and target.is_integer() else str(target)


def reference_of(
    family: Imported,
    rows: Sequence[Instance],
    compared: Compared,
    predictions: dict[str, Any],
    seed: int,
) -> dict[str, Any]:
    """Of texts only figures such as their length, never words."""
    pairs = zip(rows, compared.scores, strict=True)
    watched = [family.monitored(row, scores) for row, scores in pairs]
    return {"schema": 1, "features": feature_references(watched, seed), **predictions}


def lineage_of(
    sample: Sample, compared: Compared, converted: Converted, wanted: Wanted, source: dict[str, Any]
) -> dict[str, Any]:
    libraries = library_versions() | {name: version(name) for name in converted.made_with}
    return {
        "data": {"sha256": sample.digest, "rows": len(sample.rows), "repeats_left_out": 0},
        "seed": wanted.seed,
        "hyperparameters": {},
        "source": source,
        "compared": {"rows": compared.rows, "largest_difference": compared.difference},
        "libraries": libraries,
        "commit": wanted.commit,
        "why": wanted.why,
    }
