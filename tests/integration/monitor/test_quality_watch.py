"""Quality over a real log: what labels show, with guards, and how far the estimate was off."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import msgspec
import numpy as np
import pytest
from prometheus_client import CollectorRegistry
from sklearn import metrics

from monitor.drift.gauges import DriftGauges
from monitor.drift.watch import DriftWatch
from monitor.models import Models
from monitor.prediction_log.opening import PredictionLog
from monitor.prediction_log.tables import predictions
from monitor.promotions import Promotions
from monitor.quality.gauges import QualityGauges
from monitor.quality.watch import QualityWatch
from slipway.core.contracts.events import Event
from slipway.model.registry import registry_in_folder
from slipway.model.training.reference import prediction_reference
from support.intake import Intake
from support.monitored import a_label, an_event
from support.references import put_alias, put_version, reference_body

GENERATOR = np.random.default_rng(4)
TIME = 1_795_000_000.0
LABELS = ("no", "yes")


class Measured:
    """A model that is right as often as it is confident; in training it was right nine times in ten."""

    def __init__(self, log: PredictionLog, folder: Path) -> None:
        confidence = GENERATOR.uniform(0.5, 1.0, 4_000)
        right = np.where(GENERATOR.uniform(size=4_000) < confidence, 1, 0)
        table = np.column_stack([1 - confidence, confidence])
        more = prediction_reference(LABELS, right, table, 1)
        accuracy = {"accuracy": {"value": 0.9, "n": 4_000, "interval": [0.89, 0.91]}}
        put_version(
            folder,
            "spam",
            "1.0.0",
            reference=reference_body([{"words": 5.0}] * 200, **more),
            metrics=msgspec.json.encode(accuracy),
        )
        put_alias(folder, "spam", 1, "1.0.0")
        self.intake = Intake(log)
        self.registry = CollectorRegistry()
        models = Models(registry_in_folder(folder))
        self.drift = DriftWatch(
            log,
            models,
            Promotions(log, models),
            DriftGauges(self.registry),
            window_rows=1_000,
            window_seconds=86_400.0,
        )
        self.quality = QualityWatch(
            log,
            models,
            QualityGauges(self.registry),
            rows=1_000,
            maturity_seconds=0.0,
            slice_fields=["town"],
        )
        self._numbers = count(1)

    def predict(self, n: int, **different: object) -> list[Event]:
        """n rows, `yes` as often as `no`."""
        made = []
        for confidence in GENERATOR.uniform(0.5, 1.0, n).tolist():
            number = next(self._numbers)
            label, other = LABELS if number % 2 else LABELS[::-1]
            values = {
                "request_id": f"r-{number}",
                "time": TIME,
                "prediction": label,
                "probabilities": {x: confidence if x == label else 1 - confidence for x in LABELS},
                "features": {"words": 5.0, "town": "north" if number % 3 else "south"},
            }
            assert other in values["probabilities"]  # type: ignore[operator]
            made.append(an_event(f"e-{number}", **(values | different)))
        self.intake.events(*made)
        return made

    def label(self, events: list[Event], right: Callable[[Event], bool]) -> None:
        """Labels that say whether each was right, an hour later."""
        other = dict(zip(LABELS, LABELS[::-1], strict=True))
        self.intake.labels(
            *(
                a_label(
                    f"l-{event.event_id}",
                    request_id=event.request_id,
                    label=str(event.prediction) if right(event) else other[str(event.prediction)],
                    time=TIME + 3_600,
                )
                for event in events
            )
        )

    def look(self) -> None:
        self.drift.look(TIME + 4_000)
        self.quality.look(self.drift.watched, TIME + 4_000)

    def gauge(self, name: str, **labels: str) -> float | None:
        which = {"model": "spam", "version": "1.0.0"} | labels
        return self.registry.get_sample_value(f"slipway_monitor_{name}", which)

    def figure(self, metric: str, outcome: str = "") -> float | None:
        return self.gauge("quality", metric=metric, outcome=outcome)


def as_confident(event: Event) -> bool:
    """Right as often as its confidence says."""
    return bool(GENERATOR.uniform() < (event.confidence or 0.0))


@pytest.fixture
def measured(prediction_log: PredictionLog, tmp_path: Path) -> Measured:
    return Measured(prediction_log, tmp_path / "models")


def test_the_figures_are_scikit_learns_recomputed_from_the_log(measured: Measured) -> None:
    measured.label(measured.predict(600), as_confident)
    measured.look()
    rows = measured.intake.rows(predictions)
    truth = [row.true_label for row in rows]
    predicted = [row.predicted_label for row in rows]
    of_yes = [row.probabilities["yes"] for row in rows]
    assert measured.figure("accuracy") == pytest.approx(metrics.accuracy_score(truth, predicted))
    for label in LABELS:
        found = metrics.precision_recall_fscore_support(truth, predicted, labels=[label])
        for name, value in zip(("precision", "recall", "f1"), found, strict=False):
            assert measured.figure(name, label) == pytest.approx(value[0])
    is_yes = [label == "yes" for label in truth]
    assert measured.figure("auc") == pytest.approx(metrics.roc_auc_score(is_yes, of_yes))
    assert measured.figure("log_loss") == pytest.approx(metrics.log_loss(is_yes, of_yes))
    assert measured.figure("brier") == pytest.approx(metrics.brier_score_loss(is_yes, of_yes))


def test_each_figure_has_an_interval_around_it(measured: Measured) -> None:
    measured.label(measured.predict(600), as_confident)
    measured.look()
    for metric in ("accuracy", "auc", "log_loss", "brier"):
        low = measured.gauge("quality_low", metric=metric, outcome="")
        high = measured.gauge("quality_high", metric=metric, outcome="")
        value = measured.figure(metric)
        assert low is not None
        assert value is not None
        assert high is not None
        assert low < value < high


@pytest.mark.parametrize(("predicted", "labelled"), [(300, 199), (1_500, 250)])
def test_with_few_labels_or_of_few_rows_there_are_no_figures(
    measured: Measured, predicted: int, labelled: int
) -> None:
    measured.label(measured.predict(predicted)[:labelled], as_confident)
    measured.look()
    assert measured.figure("accuracy") is None
    assert measured.gauge("quality_insufficient_data") == 1
    assert measured.gauge("label_coverage_ratio") == pytest.approx(labelled / predicted)


def test_coverage_and_delay_are_published(measured: Measured) -> None:
    measured.label(measured.predict(1_000)[:400], as_confident)
    measured.look()
    assert measured.gauge("label_coverage_ratio") == pytest.approx(0.4)
    assert measured.gauge("label_delay_seconds", quantile="0.9") == 3_600


def test_quality_that_is_certainly_worse_than_in_training_is_said_to_be(measured: Measured) -> None:
    measured.label(measured.predict(400), lambda event: int(event.request_id[2:]) % 10 != 0)
    measured.look()
    assert measured.gauge("quality_worse") == 0
    measured.label(measured.predict(600), lambda event: int(event.request_id[2:]) % 3 != 0)
    measured.look()
    assert measured.gauge("quality_worse") == 1


def test_before_labels_come_there_is_an_estimate_and_afterwards_how_far_it_was_off(
    measured: Measured,
) -> None:
    events = measured.predict(1_000)
    measured.look()
    estimate = measured.gauge("quality_estimate")
    assert estimate == pytest.approx(0.75, abs=0.04)
    assert measured.gauge("quality_estimate_error_ratio") is None
    # The world turned: half as often wrong as confidence says would be right.
    measured.label(events, lambda event: int(event.request_id[2:]) % 2 == 0)
    measured.look()
    assert estimate is not None
    assert measured.gauge("quality_estimate_error_ratio") == pytest.approx(estimate - 0.5)


def test_a_group_that_is_served_worse_is_seen(measured: Measured) -> None:
    events = measured.predict(900)
    measured.label(
        events, lambda e: e.features["town"] == "north" or int(e.request_id[2:]) % 2 == 0
    )
    measured.look()
    of_south = {"field": "town", "group": "south", "metric": "accuracy", "outcome": ""}
    value, difference = (
        measured.gauge("quality_slice", **of_south),
        measured.gauge("quality_slice_difference", **of_south),
    )
    assert value == pytest.approx(0.5, abs=0.01)
    assert difference == pytest.approx(-0.5, abs=0.01)
