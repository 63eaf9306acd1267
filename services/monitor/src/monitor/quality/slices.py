"""The fairness view: the same figures for each group of a field, and how far each is from the others.

A difference whose interval holds 0 may be chance.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from monitor.drift.histograms import effective_rows
from monitor.quality.measures import newcombe_interval, share
from monitor.quality.reports import MAX_CLASSES, Measured, proportion

MAX_GROUPS = 12
# A group of fewer rows is shown without a difference.
MIN_GROUP_ROWS = 30


class GroupFigure(msgspec.Struct, frozen=True):
    """One figure of one group, and its difference from all other rows, with a 95 % interval."""

    field: str
    group: str
    measured: Measured
    difference: float | None
    difference_low: float | None
    difference_high: float | None


def slice_report(rows: Sequence[Any], field: str) -> list[GroupFigure]:
    """Of each group the share of each predicted class, and accuracy and recall once labels are in.

    rows: of the log; the field's value is a monitored feature or, where inputs are kept, an input.
    """
    groups = [_group_of(row, field) for row in rows]
    names = sorted({name for name in groups if name is not None})
    if len(names) > MAX_GROUPS:
        return []
    found: list[GroupFigure] = []
    for name in names:
        inside = np.array([group == name for group in groups])
        found += _of_group(rows, field, name, inside)
    return found


def _group_of(row: Any, field: str) -> str | None:
    value = row.features.get(field)
    if value is None and row.inputs:
        value = row.inputs.get(field)
    return None if value is None else str(value)


def _of_group(rows: Sequence[Any], field: str, name: str, inside: Any) -> list[GroupFigure]:
    weights = np.array([row.weight for row in rows], dtype=np.float64)
    predicted = np.array([row.predicted_label or "" for row in rows])
    truth = np.array([row.true_label or "" for row in rows])
    everyone, labelled = np.ones(len(rows), dtype=bool), truth != ""
    classes = [label for label in sorted(set(predicted.tolist())) if label][:MAX_CLASSES]
    asked = [("predicted_rate", label, everyone, predicted == label) for label in classes]
    asked.append(("accuracy", "", labelled, predicted == truth))
    asked += [("recall", label, truth == label, predicted == label) for label in classes]
    return [
        _figure(field, name, metric, outcome, hits, weights, inside & among, ~inside & among)
        for metric, outcome, among, hits in asked
        if (inside & among).any()
    ]


def _figure(
    field: str,
    group: str,
    metric: str,
    outcome: str,
    hits: Any,
    weights: Any,
    inside: Any,
    outside: Any,
) -> GroupFigure:
    measured = proportion(metric, outcome, hits[inside], weights[inside])
    others = effective_rows(weights[outside])
    if measured.n < MIN_GROUP_ROWS or others < MIN_GROUP_ROWS:
        return GroupFigure(field, group, measured, None, None, None)
    elsewhere = share(hits[outside], weights[outside])
    low, high = newcombe_interval(measured.value, measured.n, elsewhere, others)
    return GroupFigure(field, group, measured, measured.value - elsewhere, low, high)
