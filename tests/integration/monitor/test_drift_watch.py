"""The watch over a real log: windows close, alarms rise and end, a promotion starts anew."""

from itertools import count
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from monitor.drift.gauges import DriftGauges
from monitor.drift.watch import DriftWatch
from monitor.models import Models
from monitor.prediction_log.opening import PredictionLog
from monitor.prediction_log.tables import happenings, windows
from monitor.promotions import Promotions
from slipway.model.registry import registry_in_folder
from support.intake import Intake
from support.monitored import an_event
from support.references import Value, put_alias, put_version, reference_body

GENERATOR = np.random.default_rng(1)
TIME = 1_795_000_000.0


class Watched:
    """A model `houses` with one feature, `size`, about 100 ± 10 in training (2.0.0: about 200 ± 10)."""

    def __init__(self, log: PredictionLog, folder: Path) -> None:
        self.folder = folder
        self.intake = Intake(log)
        self.registry = CollectorRegistry()
        self._numbers = count(1)
        for version, mean in (("1.0.0", 100), ("2.0.0", 200)):
            rows: list[dict[str, Value]] = [
                {"size": float(size)} for size in GENERATOR.normal(mean, 10, 3_000)
            ]
            put_version(folder, "houses", version, reference=reference_body(rows))
        self.promote(1, "1.0.0")
        self.start()

    def start(self) -> None:
        """As after a restart: nothing is known but what is in the log."""
        models = Models(registry_in_folder(self.folder))
        self.registry = CollectorRegistry()
        self.watch = DriftWatch(
            self.intake.log,
            models,
            Promotions(self.intake.log, models),
            DriftGauges(self.registry),
            window_rows=1_000,
            window_seconds=3_600.0,
        )

    def promote(self, generation: int, champion: str) -> None:
        put_alias(self.folder, "houses", generation, champion)

    def rows(self, n: int, mean: float, version: str = "1.0.0", **different: object) -> None:
        values = {"model": "houses", "version": version, "time": TIME, "prediction": 1.0}
        values |= {"probabilities": None, **different}
        self.intake.events(
            *(
                an_event(f"e-{next(self._numbers)}", features={"size": float(size)}, **values)
                for size in GENERATOR.normal(mean, 10, n)
            )
        )

    def look(self, now: float = TIME) -> None:
        self.watch.look(now)

    def gauge(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(
            f"slipway_monitor_{name}", {"model": "houses", "version": "1.0.0"} | labels
        )

    def alarming(self, version: str = "1.0.0") -> float | None:
        return self.gauge("drift_alarm", version=version, feature="size")

    def statistic(
        self, name: str, window: str = "tumbling", version: str = "1.0.0"
    ) -> float | None:
        return self.gauge("drift", feature="size", statistic=name, window=window, version=version)

    def happened(self) -> list[tuple[str, str, bool]]:
        """(kind, version, over by now) in order."""
        with self.intake.log.reading() as connection:
            rows = connection.execute(select(happenings).order_by(happenings.c.id))
            return [(row.kind, row.version, row.ended is not None) for row in rows]

    def windows(self, kind: str) -> list[str]:
        with self.intake.log.reading() as connection:
            rows = connection.execute(select(windows).order_by(windows.c.id))
            return [row.state for row in rows if row.kind == kind]


@pytest.fixture
def watched(prediction_log: PredictionLog, tmp_path: Path) -> Watched:
    return Watched(prediction_log, tmp_path / "models")


def test_usual_rows_close_windows_and_raise_nothing(watched: Watched) -> None:
    watched.rows(3_200, mean=100)
    watched.look()
    assert watched.windows("tumbling") == ["ok"] * 3
    assert watched.windows("sliding") == ["ok"]
    assert watched.alarming() == 0
    assert watched.gauge("drift_window_rows", feature="size", window="tumbling") == 1_000
    assert watched.gauge("drift_evaluated_timestamp_seconds", window="tumbling") == TIME


def test_drift_is_an_alarm_within_two_windows_and_ends_when_it_is_over(watched: Watched) -> None:
    watched.rows(1_000, mean=110)
    watched.look()
    assert watched.alarming() == 0
    watched.rows(1_000, mean=110)
    watched.look()
    assert watched.alarming() == 1
    assert ("drift_alarm", "1.0.0", False) in watched.happened()
    watched.rows(2_000, mean=100)
    watched.look()
    assert watched.alarming() == 0
    assert watched.happened().count(("drift_alarm", "1.0.0", True)) == 1


def test_the_sliding_window_sees_drift_before_a_tumbling_one_closes(watched: Watched) -> None:
    watched.rows(600, mean=120)
    watched.look()
    psi = watched.statistic("psi", window="sliding")
    assert psi is not None
    assert psi > 0.1
    assert watched.statistic("psi", window="tumbling") is None


def test_a_window_of_few_rows_closes_when_it_is_old_and_says_that_it_knows_nothing(
    watched: Watched,
) -> None:
    watched.rows(400, mean=150)
    watched.look(now=TIME + 60)
    assert watched.windows("tumbling") == []
    watched.look(now=TIME + 4_000)
    assert watched.windows("tumbling") == ["insufficient_data"]
    assert watched.statistic("psi") is None
    assert watched.gauge("drift_insufficient_data", feature="size", window="tumbling") == 1
    assert watched.alarming() == 0


def test_after_a_restart_the_same_windows_are_known_and_none_is_closed_twice(
    watched: Watched,
) -> None:
    watched.rows(2_500, mean=110)
    watched.look()
    before = watched.statistic("psi")
    watched.start()
    watched.look()
    assert watched.windows("tumbling") == ["over"] * 2
    assert watched.statistic("psi") == before
    assert watched.alarming() == 1
    assert watched.happened().count(("drift_alarm", "1.0.0", False)) == 1


def test_a_promotion_ends_the_alarms_and_starts_from_the_new_reference(watched: Watched) -> None:
    watched.rows(2_000, mean=200)
    watched.look()
    assert watched.alarming() == 1
    watched.promote(2, "2.0.0")
    watched.look()
    assert watched.alarming() is None
    assert watched.statistic("psi") is None
    watched.rows(2_000, mean=200, version="2.0.0", generation=2)
    watched.look()
    assert watched.alarming("2.0.0") == 0
    kinds = [(kind, version) for kind, version, _ in watched.happened()]
    assert kinds == [("promotion", "1.0.0"), ("drift_alarm", "1.0.0"), ("promotion", "2.0.0")]


def test_windows_from_an_earlier_time_as_champion_do_not_count_again(watched: Watched) -> None:
    watched.rows(2_000, mean=150)
    watched.look()
    watched.promote(2, "2.0.0")
    watched.look()
    put_alias(watched.folder, "houses", 3, "1.0.0", previous="2.0.0")
    watched.rows(1_000, mean=150, generation=3)
    watched.look()
    assert watched.alarming() == 0
    watched.rows(1_000, mean=150, generation=3)
    watched.look()
    assert watched.alarming() == 1


def test_a_shadows_rows_and_a_batchs_are_not_the_champions(watched: Watched) -> None:
    watched.rows(1_000, mean=100)
    watched.rows(1_000, mean=300, role="batch")
    watched.rows(1_000, mean=200, version="2.0.0", role="shadow")
    watched.look()
    assert watched.windows("tumbling") == ["ok", "ok"]
    assert watched.statistic("psi", version="2.0.0") is not None


def test_a_model_that_came_with_the_image_is_watched_and_so_is_the_stores_after_it(
    watched: Watched, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    models = Models(registry_in_folder(store), registry_in_folder(watched.folder))
    watched.registry = CollectorRegistry()
    watched.watch = DriftWatch(
        watched.intake.log,
        models,
        Promotions(watched.intake.log, models),
        DriftGauges(watched.registry),
        window_rows=1_000,
        window_seconds=3_600.0,
    )
    watched.rows(2_000, mean=150, generation=0)
    watched.look()
    assert watched.alarming() == 1
    put_alias(store, "houses", 1, "1.0.0")
    watched.rows(1_000, mean=100, generation=1)
    watched.look()
    assert watched.alarming() == 0
    watched.rows(1_000, mean=100, generation=1)
    watched.look()
    assert watched.windows("tumbling") == ["over", "over", "ok", "ok"]


def test_a_version_without_a_reference_has_windows_that_say_so(watched: Watched) -> None:
    watched.rows(1_000, mean=100, version="9.0.0")
    watched.look()
    assert watched.windows("tumbling") == ["no_reference"]
    assert watched.alarming("9.0.0") is None
