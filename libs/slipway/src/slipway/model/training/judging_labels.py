"""Held-back rows of a classification: metrics.json, and reference.json's part on predictions."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from slipway.model.training.evaluation import classification_report
from slipway.model.training.reference import prediction_reference
from slipway.model.training.splits import Split, told
from slipway.model.training.trainers import Floats, Integers, Judged


def judge_labels(
    labels: Sequence[str],
    truth: Integers,
    groups: Sequence[str],
    splits: Sequence[Split],
    said: Sequence[Floats],
    seed: int,
) -> Judged:
    """truth: of every row. said: probabilities of each split's held-back rows."""
    reports = [
        classification_report(labels, truth[split.held_back], probabilities, seed)
        for split, probabilities in zip(splits, said, strict=True)
    ]
    rows, probabilities = np.concatenate([s.held_back for s in splits]), np.concatenate(said)
    metrics = {
        "schema": 1,
        "evaluated_on": told(splits),
        **classification_report(labels, truth[rows], probabilities, seed),
    }
    if len(splits) > 1:
        metrics |= {"folds": reports, "folds_mean": mean_of(reports)}
    if groups:
        metrics["groups"] = _by_group(labels, truth, groups, splits, said, seed)
    return Judged(metrics, prediction_reference(labels, truth[rows], probabilities, seed))


def _by_group(
    labels: Sequence[str],
    truth: Integers,
    groups: Sequence[str],
    splits: Sequence[Split],
    said: Sequence[Floats],
    seed: int,
) -> dict[str, Any]:
    """Of each group the report over all its held-back rows, and the mean over folds."""
    names = np.asarray(groups)
    rows, probabilities = np.concatenate([s.held_back for s in splits]), np.concatenate(said)
    found = {}
    for name in sorted(set(groups)):
        inside = names[rows] == name
        parts = [
            classification_report(labels, truth[s.held_back][own], p[own], seed)
            for s, p in zip(splits, said, strict=True)
            if (own := names[s.held_back] == name).any()
        ]
        report = classification_report(labels, truth[rows][inside], probabilities[inside], seed)
        found[str(name)] = {**report, "folds_mean": mean_of(parts)}
    return found


def mean_of(reports: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The main figures' means over folds."""

    def mean(values: Sequence[float]) -> float:
        return float(np.mean(values))

    return {
        "accuracy": mean([r["accuracy"]["value"] for r in reports]),
        "auc": mean([r["auc"]["value"] for r in reports]),
        "expected_calibration_error": mean(
            [r["expected_calibration_error"]["value"] for r in reports]
        ),
        "per_class": {
            label: {
                "f1": mean([r["per_class"][label]["f1"]["value"] for r in reports]),
                "false_positive_rate": mean(
                    [r["per_class"][label]["false_positive_rate"]["value"] for r in reports]
                ),
            }
            for label in reports[0]["per_class"]
        },
    }
