"""Held-back rows of a regression: how far off numbers are, and how often intervals hold them.

Intervals are calibrated by conformalized quantile regression (Romano, Patterson, Candès 2019):
the network's own ends are moved out, or in, by one margin, found on rows that it was not trained
on. The coverage that is told of a row was reached with a margin found on other rows.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from slipway.core.proportions import wilson_interval
from slipway.model.training.reference import numeric_reference, width_calibration
from slipway.model.training.splits import Split, told
from slipway.model.training.statistics import bootstrap_interval
from slipway.model.training.trainers import Floats, Integers, Judged

_PARTS = 5


def judge_numbers(
    truth: Floats, coverage: float, splits: Sequence[Split], said: Sequence[Floats], seed: int
) -> Judged:
    """truth: of every row. said: (number, low, high) of each split's held-back rows."""
    rows, answers = np.concatenate([s.held_back for s in splits]), np.concatenate(said)
    parts = _parts(splits, seed)
    excess = misses(truth[rows], answers)
    margins = np.zeros(len(rows))
    for part in np.unique(parts):
        margins[parts == part] = margin_for(excess[parts != part], coverage)
    report = regression_report(truth[rows], answers, margins, coverage, seed)
    metrics: dict[str, Any] = {"schema": 1, "evaluated_on": told(splits), **report}
    if len(splits) > 1:
        reports = [
            regression_report(truth[rows][own], answers[own], margins[own], coverage, seed)
            for own in (parts == part for part in np.unique(parts))
        ]
        metrics |= {"folds": reports, "folds_mean": mean_of(reports)}
    reference = {
        "predictions": numeric_reference(answers[:, 0], seed),
        "interval": {
            "nominal_coverage": coverage,
            "coverage": report["interval_coverage"]["value"],
            "width": numeric_reference(answers[:, 2] - answers[:, 1] + 2 * margins, seed),
            "calibration": width_calibration(
                answers[:, 2] - answers[:, 1] + 2 * margins,
                np.abs(truth[rows] - answers[:, 0]),
                excess <= margins,
            ),
        },
        "residuals": numeric_reference(truth[rows] - answers[:, 0], seed),
    }
    return Judged(metrics, reference, margin_for(excess, coverage))


def _parts(splits: Sequence[Split], seed: int) -> Integers:
    """Of each held-back row the part that its margin is not found on: its fold, or of one split a
    random fifth."""
    if len(splits) > 1:
        return np.repeat(np.arange(len(splits)), [len(split.held_back) for split in splits])
    generator = np.random.default_rng(seed)
    return generator.permutation(np.arange(len(splits[0].held_back)) % _PARTS)


def misses(truth: Floats, answers: Floats) -> Floats:
    """How far outside its interval each true number lies; below 0 inside."""
    return np.maximum(answers[:, 1] - truth, truth - answers[:, 2])


def margin_for(excess: Floats, coverage: float) -> float:
    """The margin with which new rows are covered with at least this probability.

    The ⌈(n + 1) · coverage⌉-th smallest excess.
    """
    place = min(len(excess), math.ceil((len(excess) + 1) * coverage))
    return float(np.sort(excess)[place - 1])


def regression_report(
    truth: Floats, answers: Floats, margins: Floats, coverage: float, seed: int
) -> dict[str, Any]:
    """Figures with n and 95 % intervals; distances are in the target's unit."""
    n = len(truth)
    apart = truth - answers[:, 0]
    covered = int((misses(truth, answers) <= margins).sum())
    widths = answers[:, 2] - answers[:, 1] + 2 * margins
    return {
        "n": n,
        "r2": _figure(lambda rows: r_squared(truth[rows], answers[rows, 0]), n, seed),
        "rmse": _figure(lambda rows: float(np.sqrt((apart[rows] ** 2).mean())), n, seed),
        "mae": _figure(lambda rows: float(np.abs(apart[rows]).mean()), n, seed),
        "interval_coverage": {
            "value": covered / n,
            "nominal": coverage,
            "n": n,
            "interval": list(wilson_interval(covered / n, n)),
        },
        "interval_width": {"mean": float(widths.mean()), "median": float(np.median(widths))},
    }


def r_squared(truth: Floats, numbers: Floats) -> float:
    """The share of the variance that is explained: 1 is all of it, 0 as good as the mean."""
    spread = float(((truth - truth.mean()) ** 2).sum())
    return 1 - float(((truth - numbers) ** 2).sum()) / spread if spread else math.nan


def _figure(figure: Any, n: int, seed: int) -> dict[str, Any]:
    interval = bootstrap_interval(figure, n, seed)
    return {"value": figure(np.arange(n)), "interval": list(interval)}


def mean_of(reports: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The main figures' means over folds."""
    names = ("r2", "rmse", "mae", "interval_coverage")
    return {name: float(np.mean([r[name]["value"] for r in reports])) for name in names}
