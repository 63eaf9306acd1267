"""Every exported figure, recomputed from the log by scipy, scikit-learn and plain arithmetic.

Nothing of the monitor's own computing is used: rows come from the log's table, references from
reference.json. The gauges and the pages' JSON have to say the same; a figure that is exported and
not recomputed here fails the test.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, Metric
from scipy import stats
from scipy.spatial import distance
from sklearn import metrics
from sqlalchemy import text

from monitor.app import create_app
from monitor.drift.gauges import DriftGauges
from monitor.drift.watch import DriftWatch
from monitor.metrics import MonitorMetrics
from monitor.models import Models
from monitor.parts import Parts
from monitor.prediction_log.opening import PredictionLog
from monitor.promotions import Promotions
from monitor.quality.gauges import QualityGauges
from monitor.quality.watch import QualityWatch
from slipway.core.contracts.events import Event
from slipway.core.settings import MonitorSettings
from slipway.model.registry import registry_in_folder
from slipway.model.training.reference import (
    numeric_reference,
    prediction_reference,
    width_calibration,
)
from support.intake import Intake
from support.monitored import a_label, an_event
from support.references import put_alias, put_version, reference_body

TIME = 1_795_000_000.0
ROWS, WINDOW = 1_500, 1_000
TOWNS = ("north", "south", "east")
CLASSES = ("cat", "dog", "owl")
FEATURES = ("size", "town", "_prediction", "_confidence")


class World:
    """Rows of 1,500 predictions that differ from training a little; every third weighs two."""

    def __init__(self, log: PredictionLog, folder: Path) -> None:
        self.log = log
        self.folder = folder
        self.generator = np.random.default_rng(21)
        self.models = Models(registry_in_folder(folder))
        self.intake = Intake(log)
        self.registry = CollectorRegistry()
        parts = Parts(
            MonitorSettings(data_dir=folder), MonitorMetrics(self.registry), log, self.models
        )
        self.client = create_app(parts).test_client()

    def put_reference(self, **more: Any) -> None:
        rows: list[dict[str, float | str | None]] = [
            {
                "size": None if n % 50 == 0 else float(v),
                "town": str(self.generator.choice(TOWNS, p=[0.5, 0.3, 0.2])),
            }
            for n, v in enumerate(self.generator.normal(20, 5, 3_000))
        ]
        body = reference_body(rows, **more)
        put_version(self.folder, "m", "1.0.0", reference=body)
        put_alias(self.folder, "m", 1, "1.0.0")
        self.reference = json.loads(body)

    def take(self, number: int, **of_row: Any) -> Event:
        generator = self.generator
        features = {
            "size": None if number % 20 == 0 else float(generator.normal(23, 6)),
            "town": str(generator.choice([*TOWNS, "west"], p=[0.3, 0.3, 0.3, 0.1])),
        }
        return an_event(
            f"e-{number}",
            model="m",
            request_id=f"r-{number}",
            time=TIME + number,
            weight=2.0 if number % 3 == 0 else 1.0,
            features=features,
            **of_row,
        )

    def look(self, events: list[Event], truths: list[Any]) -> None:
        """All labels arrive, and the monitor looks twice: before and after."""
        self.intake.events(*events)
        drift = DriftWatch(
            self.log,
            self.models,
            Promotions(self.log, self.models),
            DriftGauges(self.registry),
            window_rows=WINDOW,
            window_seconds=1e9,
        )
        quality = QualityWatch(
            self.log,
            self.models,
            QualityGauges(self.registry),
            rows=WINDOW,
            maturity_seconds=0,
            slice_fields=["town"],
        )
        drift.look(TIME + ROWS)
        quality.look(drift.watched, TIME + ROWS)
        self.intake.labels(
            *(
                a_label(
                    f"l-{n}", request_id=f"r-{n}", label=truth, time=TIME + n + 60 + (n % 7) * 10
                )
                for n, truth in enumerate(truths)
            )
        )
        quality.look(drift.watched, TIME + ROWS)

    def rows(self, first: int, last: int) -> list[dict[str, Any]]:
        """The log's rows from one id to another, as its table has them."""
        asked = text("SELECT * FROM predictions WHERE id BETWEEN :first AND :last ORDER BY id")
        with self.log.reading() as connection:
            found = connection.execute(asked, {"first": first, "last": last}).mappings().all()
        return [
            {
                name: json.loads(value)
                if name in ("features", "probabilities") and isinstance(value, str)
                else value
                for name, value in row.items()
            }
            for row in found
        ]

    def series(self, name: str, **labels: str) -> dict[tuple[str, ...], float]:
        """Values of a family by the labels that are not given, in the labels' order."""
        families: dict[str, Metric] = {f.name: f for f in self.registry.collect()}
        wanted = {"model": "m", "version": "1.0.0"} | labels
        return {
            tuple(v for k, v in sample.labels.items() if k not in wanted): sample.value
            for sample in families[f"slipway_monitor_{name}"].samples
            if wanted.items() <= sample.labels.items()
        }

    def json(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.get_json()


def column(rows: list[dict[str, Any]], feature: str) -> list[Any]:
    if feature == "_prediction":
        return [row["predicted_label"] or row["predicted_number"] for row in rows]
    if feature == "_confidence":
        return [row["confidence"] for row in rows]
    return [row["features"][feature] for row in rows]


def of_numbers(reference: dict[str, Any], values: np.ndarray, weights: np.ndarray) -> Any:  # type: ignore[type-arg]
    """Every statistic of a number, from its definition or by scipy."""
    sample, edges = np.array(reference["sample"]), np.array(reference["bin_edges"])
    before = np.array(reference["counts"]) / reference["n"]
    now, _ = np.histogram(values, np.r_[-np.inf, edges, np.inf], weights=weights)
    now = now / weights.sum()
    deviation = np.sqrt(reference["variance"])
    repeated = np.repeat(values, weights.astype(int))
    mean = np.average(values, weights=weights)
    before, now = np.clip(before, 1e-4, None), np.clip(now, 1e-4, None)
    return {
        "psi": float(np.sum((now - before) * np.log(now / before))),
        "ks": stats.ks_2samp(sample, repeated).statistic,
        "wasserstein": stats.wasserstein_distance(sample, values, v_weights=weights) / deviation,
        "delta_mean": (mean - reference["mean"]) / deviation,
        "delta_variance": np.cov(values, aweights=weights, bias=True) / reference["variance"] - 1,
    }


def of_categories(reference: dict[str, Any], values: list[str], weights: np.ndarray) -> Any:  # type: ignore[type-arg]
    names = list(reference["counts"])
    of_name = np.array([weights[[v == n for v in values]].sum() for n in names])
    new = weights.sum() - of_name.sum()
    before, now = np.array([*reference["counts"].values()], float), of_name
    if new:
        before, now = np.r_[before, 0.0], np.r_[now, new]
    p, q = before / before.sum(), now / now.sum()
    shown = {"jensen_shannon": distance.jensenshannon(p, q, base=2)}
    p, q = np.clip(p, 1e-4, None), np.clip(q, 1e-4, None)
    shown["psi"] = float(np.sum((q - p) * np.log(q / p)))
    return shown | {"new_category_rate": new / weights.sum()}


def kish(weights: np.ndarray) -> float:  # type: ignore[type-arg]
    return float(weights.sum() ** 2 / (weights**2).sum())


def p_value_of(reference: dict[str, Any], values: list[Any], weights: np.ndarray) -> float:  # type: ignore[type-arg]
    """By scipy, over as many rows as the weighted ones are worth."""
    n = kish(weights)
    if reference["type"] == "number":
        sample, m = reference["sample"], len(reference["sample"])
        d = stats.ks_2samp(sample, np.repeat(values, weights.astype(int))).statistic
        of_ks = stats.kstwo.sf(d, round(n * m / (n + m)))
        mean = np.average(values, weights=weights)
        variance = np.cov(values, aweights=weights, bias=True)
        error = np.sqrt(reference["variance"] / reference["n"] + variance / n)
        of_means = 2 * stats.norm.sf(abs(mean - reference["mean"]) / error)
        return float(min(1, 2 * of_ks, 2 * of_means))
    names = [*reference["counts"], *sorted(set(values) - set(reference["counts"]))]
    now = np.array([weights[[v == name for v in values]].sum() for name in names])
    before = [reference["counts"].get(name, 0) for name in names]
    table = np.vstack([before, now * n / now.sum()])
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def holm(p_values: dict[str, float]) -> dict[str, float]:
    found, before = {}, 0.0
    for place, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        before = found[name] = max(before, min(1.0, p * (len(p_values) - place)))
    return found


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


def regression_figures(rows: list[dict[str, Any]]) -> dict[tuple[str, str], float]:
    weights = np.array([row["weight"] for row in rows])
    truth, said = (np.array([row[n] for row in rows]) for n in ("true_number", "predicted_number"))
    low, high = (np.array([row[n] for row in rows]) for n in ("interval_low", "interval_high"))
    return {
        ("mae", ""): metrics.mean_absolute_error(truth, said, sample_weight=weights),
        ("rmse", ""): metrics.root_mean_squared_error(truth, said, sample_weight=weights),
        ("mean_error", ""): np.average(said - truth, weights=weights),
        ("interval_coverage", ""): np.average((low <= truth) & (truth <= high), weights=weights),
    }


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
