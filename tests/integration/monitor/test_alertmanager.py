"""Alertmanager, with the project's own configuration, tells the monitor, which marks its timeline."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.alertmanager import RunningAlertmanager
from support.monitor_process import RunningMonitor
from support.monitored import an_event, put_events
from support.redis_server import RedisServer
from support.waiting import wait_until

CONFIGURATION = Path(__file__).parents[3] / "deploy/prometheus/alertmanager.yml"
TOKEN = "a token of its own"


def pointed_at(monitor: RunningMonitor, token: Path) -> str:
    """The configuration, with the monitor of this test in the place of compose's, and shorter pauses."""
    configuration = yaml.safe_load(CONFIGURATION.read_text())
    configuration["route"] |= {"group_wait": "1s", "group_interval": "2s"}
    for receiver in configuration["receivers"]:
        for webhook in receiver.get("webhook_configs", []):
            webhook["url"] = webhook["url"].replace("http://monitor:8001", monitor.url)
            webhook["http_config"]["authorization"]["credentials_file"] = str(token)
    return yaml.safe_dump(configuration)


@pytest.mark.parametrize("severity", ["page", "ticket"])
def test_an_alert_and_its_end_are_marks_on_the_timeline(
    tmp_path: Path,
    start_monitor: Callable[..., RunningMonitor],
    redis_server: RedisServer,
    severity: str,
) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    monitor = start_monitor(alerts_token_file=str(token))
    put_events(redis_server.client(), an_event())
    configuration = tmp_path / "alertmanager.yml"
    configuration.write_text(pointed_at(monitor, token))
    folder = tmp_path / "alertmanager"
    folder.mkdir()
    alertmanager = RunningAlertmanager(folder, configuration)
    now = datetime.now(UTC).isoformat()
    alert: dict[str, Any] = {
        "labels": {"alertname": "PredictionLatencyHigh", "model": "spam", "severity": severity},
        "annotations": {"summary": "Predictions of spam take 2s (p95)"},
        "startsAt": now,
    }

    def marks() -> list[dict[str, Any]]:
        answer = monitor.get("/v1/models/spam/timeline").json()
        return [mark for mark in answer.get("happenings", []) if mark["kind"] == "alert"]

    try:
        alertmanager.tell(alert)
        (mark,) = wait_until(marks, seconds=60, what="the alert is on the timeline")
        assert mark["details"] == {
            "name": "PredictionLatencyHigh",
            "severity": severity,
            "summary": "Predictions of spam take 2s (p95)",
        }
        assert mark["ended"] is None
        alertmanager.tell(alert | {"endsAt": now})
        wait_until(lambda: marks()[0]["ended"], seconds=120, every=0.5, what="so is its end")
    finally:
        alertmanager.stop()
