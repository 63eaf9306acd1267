"""A monitor over a log whose rows are drawn at random, with everything that reads it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from prometheus_client import CollectorRegistry, Metric
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
from support.intake import Intake
from support.monitored import a_label, an_event
from support.references import put_alias, put_version, reference_body

TIME = 1_795_000_000.0
ROWS, WINDOW = 1_500, 1_000
TOWNS = ("north", "south", "east")


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
