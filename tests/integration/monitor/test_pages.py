"""Pages and their JSON over a real log: they show what was computed, and load nothing from outside."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from scipy import stats
from sqlalchemy import select

from monitor.app import create_app
from monitor.drift.gauges import DriftGauges
from monitor.drift.watch import DriftWatch
from monitor.metrics import MonitorMetrics
from monitor.models import Models
from monitor.parts import Parts
from monitor.prediction_log.opening import PredictionLog, migrate, open_log
from monitor.prediction_log.retention import delete_old
from monitor.prediction_log.tables import predictions
from monitor.promotions import Promotions
from monitor.quality.gauges import QualityGauges
from monitor.quality.watch import QualityWatch
from slipway.core.settings import MonitorSettings
from slipway.model.registry import registry_in_folder
from support.intake import Intake
from support.monitored import a_label, an_event
from support.references import Value, put_alias, put_version, reference_body

TIME = 1_795_000_000.0
TOKEN = "a token of its own"


class Shown:
    """A model `spam` whose texts grew longer, with some labels; the pages over its log."""

    def __init__(self, folder: Path) -> None:
        generator = np.random.default_rng(2)
        self.log: PredictionLog = open_log(f"sqlite:///{folder / 'log.db'}")
        migrate(self.log)
        rows: list[dict[str, Value]] = [{"words": float(v)} for v in generator.normal(20, 5, 3_000)]
        put_version(folder / "models", "spam", "1.0.0", reference=reference_body(rows))
        put_alias(folder / "models", "spam", 1, "1.0.0")
        self.sample = np.sort([float(row["words"] or 0) for row in rows])
        self.intake = Intake(self.log)
        self.models = Models(registry_in_folder(folder / "models"))
        self.registry = CollectorRegistry()
        (folder / "token").write_text(TOKEN + "\n")
        settings = MonitorSettings(alerts_token_file=folder / "token", data_dir=folder)
        parts = Parts(settings, MonitorMetrics(CollectorRegistry()), self.log, self.models)
        self.client: FlaskClient = create_app(parts).test_client()
        self._generator = generator

    def fill(self, rows: int = 2_000, mean: float = 24.0) -> None:
        values = self._generator.normal(mean, 5, rows)
        self.intake.events(
            *(
                an_event(f"e-{i}", request_id=f"r-{i}", time=TIME + i, features={"words": float(v)})
                for i, v in enumerate(values)
            )
        )
        self.intake.labels(
            *(a_label(f"l-{i}", request_id=f"r-{i}", time=TIME + i + 60) for i in range(rows // 2))
        )
        drift = DriftWatch(
            self.log,
            self.models,
            Promotions(self.log, self.models),
            DriftGauges(self.registry),
            window_rows=1_000,
            window_seconds=1e9,
        )
        drift.look(TIME + rows)
        gauges = QualityGauges(self.registry)
        quality = QualityWatch(
            self.log, self.models, gauges, rows=1_000, maturity_seconds=0, slice_fields=[]
        )
        quality.look(drift.watched, TIME + rows)

    def json(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.get_json()


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Shown]:
    made = Shown(tmp_path)
    yield made
    made.log.close()


PAGES = (
    "/",
    "/models/spam",
    "/models/spam?window=sliding",
    "/models/spam/quality",
    "/models/spam/predictions",
)


@pytest.mark.parametrize("path", [*PAGES, "/requests/r-7"])
def test_a_page_loads_nothing_from_outside(shown: Shown, path: str) -> None:
    shown.fill()
    answer = shown.client.get(path)
    assert answer.status_code == 200
    assert "default-src 'none'; script-src 'self'" in answer.headers["Content-Security-Policy"]
    loaded = re.findall(r'(?:src|href|action)="([^"]*)"', answer.text)
    assert loaded
    assert all(url.startswith(("/", "?")) for url in loaded)


@pytest.mark.parametrize("name", ["style.css", "charts.js", "icon.svg", "plotly.min.js"])
def test_what_pages_need_is_served_from_here(shown: Shown, name: str) -> None:
    with shown.client.get(f"/static/{name}") as answer:
        assert answer.status_code == 200


@pytest.mark.parametrize("name", ["../app.py", "nothing", "..%2fapp.py"])
def test_nothing_else_is(shown: Shown, name: str) -> None:
    assert shown.client.get(f"/static/{name}").status_code == 404


def test_before_the_first_prediction_the_overview_says_what_will_appear(shown: Shown) -> None:
    assert "No prediction has arrived yet" in shown.client.get("/").text
    assert shown.client.get("/models/spam").status_code == 404


def test_with_few_rows_the_pages_say_that_they_are_too_few(shown: Shown) -> None:
    shown.fill(rows=100)
    assert "500 are needed" in shown.client.get("/").text
    assert "No window yet" in shown.client.get("/models/spam").text
    assert "Too few for a verdict" in shown.client.get("/models/spam?window=sliding").text
    assert "Too few for a verdict" in shown.client.get("/models/spam/quality?days=90").text


def test_the_overview_says_in_one_sentence_what_is_wrong(shown: Shown) -> None:
    shown.fill()
    assert "Drift in words" in shown.client.get("/").text
    [model] = shown.json("/v1/models")["models"]
    assert (model["model"], model["state"]) == ("spam", "drift")


def test_gauges_pages_and_scipys_figures_from_the_log_agree(shown: Shown) -> None:
    shown.fill()
    window = shown.json("/v1/models/spam/drift")["windows"]["tumbling"]
    with shown.log.reading() as connection:
        rows = connection.execute(select(predictions).order_by(predictions.c.id)).all()
    current = np.array([row.features["words"] for row in rows[1_000:2_000]])
    reference = shown.models.reference("spam", "1.0.0")
    assert reference is not None
    sample = np.array(reference.features["words"].sample)  # type: ignore[union-attr]
    deviation = shown.sample.std()
    expected = {
        "ks": stats.ks_2samp(sample, current).statistic,
        "wasserstein": stats.wasserstein_distance(sample, current) / deviation,
        "delta_mean": (current.mean() - shown.sample.mean()) / deviation,
        "delta_variance": current.var() / shown.sample.var() - 1,
    }
    for name, value in expected.items():
        shown_value = window["features"]["words"]["figures"][name]["value"]
        assert shown_value == pytest.approx(value, rel=1e-4)
        gauge = shown.registry.get_sample_value(
            "slipway_monitor_drift",
            {
                "model": "spam",
                "version": "1.0.0",
                "feature": "words",
                "statistic": name,
                "window": "tumbling",
            },
        )
        assert gauge == pytest.approx(shown_value)
        assert f"{shown_value:.3g}" in shown.client.get("/models/spam").text


def test_quality_over_time_has_a_step_for_each_version_and_marks(shown: Shown) -> None:
    shown.fill()
    quality = shown.json("/v1/models/spam/quality")
    assert quality["measured"]["label_coverage"] == pytest.approx(0.5)
    # The rows are from a fixed day, which may be outside any span that can be asked for.
    course = shown.json("/v1/models/spam/timeline?days=90")
    assert {step["version"] for step in course["steps"]} <= {"1.0.0"}


@pytest.mark.parametrize("days", ["0", "91", "soon", "nan"])
def test_a_span_that_cannot_be_is_refused(shown: Shown, days: str) -> None:
    shown.fill(rows=10)
    assert shown.client.get(f"/v1/models/spam/timeline?days={days}").status_code == 400


def test_one_requests_story_has_version_timings_drift_and_label(shown: Shown) -> None:
    shown.fill()
    story = shown.json("/v1/predictions/r-7")
    [prediction] = story["predictions"]
    assert prediction["version"] == "1.0.0"
    assert prediction["label"] == "spam"
    assert prediction["drift"]["state"] == "insufficient_data"
    assert "inputs" not in prediction
    assert story["labels"][0]["outcome"] == "joined"


def test_of_an_unknown_request_there_is_no_story(shown: Shown) -> None:
    answer = shown.client.get("/v1/predictions/nobody's")
    assert (answer.status_code, answer.get_json()["error"]) == (404, "NotFound")


def test_what_a_caller_chose_as_id_is_text_on_a_page(shown: Shown) -> None:
    shown.intake.events(an_event(request_id="<script>alert(1)</script>", prediction="<b>spam</b>"))
    for path in ("/models/spam/predictions", "/requests/%3Cscript%3Ealert(1)%3C/script%3E"):
        text = shown.client.get(path).text
        assert "<script>alert" not in text
        assert "<b>spam" not in text


ALERT = {
    "status": "firing",
    "fingerprint": "abc",
    "startsAt": "2026-11-23T10:00:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "labels": {"alertname": "PredictionErrorRateHigh", "model": "spam", "severity": "page"},
    "annotations": {"summary": "Too many errors"},
}


def test_an_alert_is_a_mark_once_and_ends_when_it_is_resolved(shown: Shown) -> None:
    shown.fill(rows=10)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    for alert in (ALERT, ALERT, ALERT | {"status": "resolved", "endsAt": "2026-11-23T10:05:00Z"}):
        answer = shown.client.post("/v1/alerts", json={"alerts": [alert]}, headers=bearer)
        assert (answer.status_code, answer.get_json()) == (202, {"accepted": 1})
    with shown.log.reading() as connection:
        from monitor.prediction_log.finding import happenings_of

        marks = [row for row in happenings_of(connection, "spam", 0.0) if row.kind == "alert"]
    [mark] = marks
    assert mark.details["name"] == "PredictionErrorRateHigh"
    assert mark.ended - mark.time == 300


def test_the_page_lists_what_happened_and_says_what_is_not_over(shown: Shown) -> None:
    shown.fill(rows=10)
    now = datetime.now(UTC)
    over = {"status": "resolved", "fingerprint": "b", "endsAt": now.isoformat()}
    alerts = [
        ALERT | {"startsAt": now.isoformat()},
        ALERT | {"startsAt": now.isoformat(), "annotations": {"summary": "<b>Slow</b>"}} | over,
    ]
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    shown.client.post("/v1/alerts", json={"alerts": alerts}, headers=bearer)
    text = shown.client.get("/models/spam/quality").text
    assert text.count("<strong>PredictionErrorRateHigh</strong>") == 2
    assert text.count("not over") == 1
    assert "Too many errors" in text
    assert "<b>Slow" not in text


@pytest.mark.parametrize("token", ["", "Bearer wrong", "Bearer ", "Basic x"])
def test_an_alert_without_the_token_is_refused(shown: Shown, token: str) -> None:
    answer = shown.client.post(
        "/v1/alerts", json={"alerts": [ALERT]}, headers={"Authorization": token}
    )
    assert answer.status_code == 401


def test_what_is_no_webhook_is_refused(shown: Shown) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    answer = shown.client.post("/v1/alerts", data=b'{"alerts": 7}', headers=bearer)
    assert answer.status_code == 400


def test_what_is_older_than_the_retention_is_deleted(shown: Shown) -> None:
    shown.fill(rows=600)
    assert delete_old(shown.log, before=TIME + 300) >= 300
    kept = [row.time for row in shown.intake.rows(predictions)]
    assert (len(kept), min(kept)) == (300, TIME + 300)
