"""Figures of labelled rows: regressions, many classes, rows without probabilities."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from monitor.quality.reports import Measured, report


def labelled(**different: Any) -> SimpleNamespace:
    """A row of the log that was predicted `a` and is one."""
    values = {
        "predicted_label": "a",
        "true_label": "a",
        "predicted_number": None,
        "true_number": None,
        "confidence": 0.8,
        "probabilities": {"a": 0.8, "b": 0.2},
        "interval_low": None,
        "interval_high": None,
        "weight": 1.0,
    }
    return SimpleNamespace(**(values | different))


def number(predicted: float, true: float, **different: Any) -> SimpleNamespace:
    values = {
        "predicted_label": None,
        "true_label": None,
        "confidence": None,
        "probabilities": None,
    }
    return labelled(**(values | {"predicted_number": predicted, "true_number": true} | different))


def figures(rows: list[SimpleNamespace]) -> dict[tuple[str, str], Measured]:
    return {(found.metric, found.outcome): found for found in report(rows)}


def test_a_regressions_errors_in_a_hand_worked_case() -> None:
    found = figures([number(3, 1), number(1, 1), number(5, 9), number(2, 2)])
    assert found["mae", ""].value == 1.5
    assert found["rmse", ""].value == pytest.approx(np.sqrt(5))
    assert found["mean_error", ""].value == -0.5


def test_how_often_the_truth_lies_in_the_interval() -> None:
    inside = number(3, 1, interval_low=0.0, interval_high=4.0)
    outside = number(3, 9, interval_low=0.0, interval_high=4.0)
    found = figures([inside, inside, inside, outside])
    assert found["interval_coverage", ""].value == 0.75
    assert ("interval_coverage", "") not in figures([number(1, 1)])


def test_a_row_of_weight_three_counts_as_three() -> None:
    rows = [labelled(weight=3.0), labelled(true_label="b")]
    assert figures(rows)["accuracy", ""].value == 0.75


def test_of_classes_that_are_only_summed_there_is_no_loss_to_compute() -> None:
    found = figures([labelled(probabilities={"a": 0.8, "_rest": 0.2})] * 3)
    assert found["accuracy", ""].value == 1
    assert ("log_loss", "") not in found


def test_with_one_class_only_the_area_under_the_curve_is_left_out() -> None:
    assert ("auc", "") not in figures([labelled()] * 5)


def test_of_no_rows_there_are_no_figures() -> None:
    assert report([]) == []
