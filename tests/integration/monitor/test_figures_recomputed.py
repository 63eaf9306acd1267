"""Every exported figure, recomputed from the log by scipy, scikit-learn and plain arithmetic.

Nothing of the monitor's own computing is used: rows come from the log's table, references from
reference.json. The gauges and the pages' JSON have to say the same; a figure that is exported and
not recomputed here fails the test.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from prometheus_client import CollectorRegistry
from sklearn import metrics

from monitor.drift.gauges import DriftGauges
from monitor.prediction_log.opening import PredictionLog
from monitor.quality.gauges import QualityGauges
from slipway.model.training.reference import (
    numeric_reference,
    prediction_reference,
    width_calibration,
)
from support.figures.definitions import (
    column,
    holm,
    kish,
    of_categories,
    of_numbers,
    p_value_of,
    regression_figures,
)
from support.figures.world import ROWS, TIME, TOWNS, WINDOW, World

CLASSES = ("cat", "dog", "owl")


def assert_drift_is_recomputed(world: World, watched: dict[str, Any], kind: str) -> None:
    first, last = (1, WINDOW) if kind == "tumbling" else (ROWS - WINDOW + 1, ROWS)
    rows = world.rows(first, last)
    expected, p_values, n = {}, {}, {}
    for feature, reference in watched.items():
        values = column(rows, feature)
        has = [value is not None for value in values]
        weights = np.array([row["weight"] for row in rows])[has]
        present = [value for value in values if value is not None]
        if reference["type"] == "number":
            figures = of_numbers(reference, np.array(present), weights)
        else:
            figures = of_categories(reference, present, weights)
        expected |= {(feature, statistic): value for statistic, value in figures.items()}
        p_values[feature] = p_value_of(reference, present, weights)
        n[feature] = kish(weights)
    corrected = holm(p_values)
    assert world.series("drift", window=kind) == pytest.approx(expected, rel=1e-4)
    assert world.series("drift_p_value_ratio", window=kind) == pytest.approx(
        {(name,): p for name, p in corrected.items()}, rel=1e-4, abs=1e-300
    )
    assert world.series("drift_window_rows", window=kind) == pytest.approx(
        {(name,): rows_of for name, rows_of in n.items()}
    )
    assert world.series("drift_evaluated_timestamp_seconds", window=kind) == {(): TIME + ROWS}
    assert world.series("drift_threshold", window=kind).keys() == expected.keys()
    shown = world.json("/v1/models/m/drift")["windows"][kind]["features"]
    of_page = {
        (feature, statistic): figure["value"]
        for feature, found in shown.items()
        for statistic, figure in found["figures"].items()
    }
    assert of_page == pytest.approx(expected, rel=1e-4)
    page = world.client.get(f"/models/m?window={kind}").text
    for value in of_page.values():
        assert f"{value:.3g}" in page


def assert_data_quality_is_recomputed(world: World) -> None:
    rows = world.rows(1, WINDOW)
    weights = np.array([row["weight"] for row in rows])
    size, town = column(rows, "size"), column(rows, "town")
    has = np.array([value is not None for value in size])
    sizes, mass = np.array([v for v in size if v is not None]), weights[has]
    sample = np.array(world.reference["features"]["size"]["sample"])
    outside = (sizes < sample[0]) | (sizes > sample[-1])
    median = np.sort(np.repeat(sizes, mass.astype(int)))[(int(mass.sum()) - 1) // 2]
    new = np.array([value not in TOWNS for value in town])
    assert world.series("data_quality") == pytest.approx(
        {
            ("size", "missing"): weights[~has].sum() / weights.sum(),
            ("size", "out_of_range"): mass[outside].sum() / mass.sum(),
            ("size", "constant"): 0.0,
            ("size", "unit_change"): median / np.median(sample),
            ("town", "missing"): 0.0,
            ("town", "unseen_category"): weights[new].sum() / weights.sum(),
            ("town", "constant"): 0.0,
        },
        rel=1e-4,
    )


def quality_of_page(world: World) -> dict[tuple[str, str], float]:
    measured = world.json("/v1/models/m/quality")["measured"]
    return {(f["metric"], f["outcome"]): f["value"] for f in measured["figures"]}


def assert_labels_are_recomputed(world: World, rows: list[dict[str, Any]]) -> None:
    delays = [row["label_time"] - row["time"] for row in rows]
    assert world.series("label_delay_seconds") == pytest.approx(
        {("0.5",): np.median(delays), ("0.9",): np.percentile(delays, 90)}
    )
    assert world.series("label_coverage_ratio") == {(): 1.0}
    weights = np.array([row["weight"] for row in rows])
    assert world.series("quality_rows") == pytest.approx({(): kish(weights)})


@pytest.fixture
def world(prediction_log: PredictionLog, tmp_path: Path) -> Iterator[World]:
    yield World(prediction_log, tmp_path / "models")


def test_a_classifiers_figures_are_recomputed_from_the_log(world: World) -> None:
    generator = world.generator
    table = generator.dirichlet([1, 1, 1], 4_000)
    truth = np.array([generator.choice(3, p=p) for p in table])
    world.put_reference(**prediction_reference(CLASSES, truth, table, 1))
    events, truths = [], []
    for number, shares in enumerate(generator.dirichlet([1, 1.5, 0.7], ROWS).tolist()):
        named = dict(zip(CLASSES, shares, strict=True))
        said = max(named, key=named.__getitem__)
        events.append(world.take(number, prediction=said, probabilities=named))
        truths.append(str(generator.choice(CLASSES, p=shares)))
    world.look(events, truths)
    features = world.reference["features"]
    watched = features | {
        "_prediction": world.reference["predictions"],
        "_confidence": world.reference["confidence"],
    }
    for kind in ("tumbling", "sliding"):
        assert_drift_is_recomputed(world, watched, kind)
    assert_data_quality_is_recomputed(world)

    rows = world.rows(ROWS - WINDOW + 1, ROWS)
    weights = np.array([row["weight"] for row in rows])
    actual, said = ([row[name] for row in rows] for name in ("true_label", "predicted_label"))
    shares = np.array([[row["probabilities"][c] for c in CLASSES] for row in rows])
    expected = {("accuracy", ""): metrics.accuracy_score(actual, said, sample_weight=weights)}
    scores = metrics.precision_recall_fscore_support(
        actual, said, labels=list(CLASSES), sample_weight=weights
    )
    for name, values in zip(("precision", "recall", "f1"), scores, strict=False):
        expected |= {(name, c): value for c, value in zip(CLASSES, values, strict=True)}
    areas = [
        metrics.roc_auc_score(np.array(actual) == c, shares[:, i], sample_weight=weights)
        for i, c in enumerate(CLASSES)
    ]
    happened = np.array([[c == label for c in CLASSES] for label in actual], dtype=float)
    confidence = shares.max(axis=1)
    bins = np.digitize(confidence, np.arange(1, 15) / 15)
    right = np.array(actual) == np.array(said)
    off = [
        abs((weights * (confidence - right))[bins == b].sum())
        for b in range(15)
        if (bins == b).any()
    ]
    expected |= {
        ("auc", ""): np.mean(areas),
        ("log_loss", ""): metrics.log_loss(
            actual, shares, labels=list(CLASSES), sample_weight=weights
        ),
        ("brier", ""): np.average(((shares - happened) ** 2).sum(axis=1), weights=weights),
        ("calibration_error", ""): sum(off) / weights.sum(),
    }
    assert world.series("quality") == pytest.approx(expected)
    assert quality_of_page(world) == pytest.approx(expected)
    assert_labels_are_recomputed(world, rows)

    window = world.rows(1, WINDOW)
    mass = np.array([row["weight"] for row in window])
    shown = np.array([row["true_label"] == row["predicted_label"] for row in window])
    [estimate] = world.series("quality_estimate").values()
    error = world.series("quality_estimate_error_ratio")
    assert error == pytest.approx({(): estimate - np.average(shown, weights=mass)})
    predicted = {c: mass[[r["predicted_label"] == c for r in window]].sum() for c in CLASSES}
    assert world.series("predicted_ratio", window="tumbling") == pytest.approx(
        {(c,): share / mass.sum() for c, share in predicted.items()}
    )
    assert_slices_are_recomputed(world, rows)


def assert_slices_are_recomputed(world: World, rows: list[dict[str, Any]]) -> None:
    expected, differences = {}, {}
    weights = np.array([row["weight"] for row in rows])
    town = np.array(column(rows, "town"))
    actual, said = (np.array([row[n] for row in rows]) for n in ("true_label", "predicted_label"))
    asked = [("accuracy", "", np.ones(len(rows), dtype=bool), actual == said)]
    for c in CLASSES:
        asked += [
            ("predicted_rate", c, np.ones(len(rows), dtype=bool), said == c),
            ("recall", c, actual == c, said == c),
        ]
    for group in (*TOWNS, "west"):
        for metric, outcome, among, hits in asked:
            inside, outside = among & (town == group), among & (town != group)
            value, other = (np.average(hits[w], weights=weights[w]) for w in (inside, outside))
            key = ("town", group, metric, outcome)
            expected[key] = value
            if min(kish(weights[inside]), kish(weights[outside])) >= 30:
                differences[key] = value - other
    assert world.series("quality_slice") == pytest.approx(expected)
    assert world.series("quality_slice_difference") == pytest.approx(differences)


def test_a_regressions_figures_are_recomputed_from_the_log(world: World) -> None:
    generator = world.generator
    width, number = generator.uniform(2, 8, 4_000), generator.normal(100, 20, 4_000)
    apart = generator.normal(0, width / 4)
    inside = np.abs(apart) <= width / 2
    calibration = width_calibration(width, np.abs(apart), inside)
    world.put_reference(
        predictions=numeric_reference(number, 1),
        interval={"nominal_coverage": 0.95, "calibration": calibration},
    )
    events, truths = [], []
    for place, value in enumerate(generator.normal(104, 22, ROWS).tolist()):
        half = float(generator.uniform(1, 4))
        ends = (value - half, value + half)
        events.append(world.take(place, prediction=value, probabilities=None, interval=ends))
        truths.append(float(generator.normal(value, half / 2)))
    world.look(events, truths)
    watched = world.reference["features"] | {"_prediction": world.reference["predictions"]}
    for kind in ("tumbling", "sliding"):
        assert_drift_is_recomputed(world, watched, kind)
    assert_data_quality_is_recomputed(world)

    rows = world.rows(ROWS - WINDOW + 1, ROWS)
    expected = regression_figures(rows)
    assert world.series("quality") == pytest.approx(expected)
    assert quality_of_page(world) == pytest.approx(expected)
    assert_labels_are_recomputed(world, rows)

    # Interpolated between the calibration's bins, beyond them in proportion to the width.
    window = world.rows(1, WINDOW)
    mass = np.array([row["weight"] for row in window])
    widths = np.array([row["interval_high"] - row["interval_low"] for row in window])
    knots, means = np.array(calibration["mean_width"]), np.array(calibration["mean_distance"])
    assert (np.diff(means) > 0).all()
    clipped = np.clip(widths, knots[0], knots[-1])
    estimates = {
        ("mae",): np.average(np.interp(clipped, knots, means) * widths / clipped, weights=mass),
        ("interval_coverage",): np.average(
            np.interp(clipped, knots, calibration["covered"]), weights=mass
        ),
    }
    assert world.series("regression_estimate") == pytest.approx(estimates)
    measured = regression_figures(window)
    assert world.series("regression_estimate_error") == pytest.approx(
        {(name,): value - measured[name, ""] for (name,), value in estimates.items()}
    )
    shown = world.json("/v1/models/m/quality")
    assert shown["estimate"]["value"] == pytest.approx(estimates["mae",])
    assert shown["coverage_estimate"]["value"] == pytest.approx(estimates["interval_coverage",])
    for name in ("mae", "interval_coverage"):
        low = world.series("regression_estimate_low", metric=name)[()]
        high = world.series("regression_estimate_high", metric=name)[()]
        assert low < measured[name, ""] < high
    page = world.client.get("/models/m/quality?days=90").text
    assert "the mean absolute error is estimated at" in page
    assert f"{estimates['mae',]:.4g}" in page


def test_every_family_that_is_exported_is_recomputed_or_follows_from_one_that_is() -> None:
    registry = CollectorRegistry()
    DriftGauges(registry)
    QualityGauges(registry)
    recomputed = Path(__file__).read_text("utf-8")
    states = {"alarm", "fault", "insufficient_data", "worse", "low", "high"}
    for family in registry.collect():
        name = family.name.removeprefix("slipway_monitor_")
        threshold = name.endswith("_threshold")
        if not threshold and not any(name.endswith(state) for state in states):
            assert f'series("{name}"' in recomputed, f"{name} is recomputed by no test"
