"""Alertmanager sends each severity where it belongs."""

import pytest

from rules.tools import run_tool

CONFIG = "deploy/prometheus/alertmanager.yml"


def test_the_configuration_is_valid(amtool: list[str]) -> None:
    status, said = run_tool(amtool, "check-config", CONFIG)
    assert status == 0, said


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("alertname=PredictionErrorRateHigh severity=page", "page"),
        ("alertname=PredictionLatencyHigh severity=page", "page"),
        ("alertname=Watchdog severity=none", "watchdog"),
        ("alertname=AnythingElse severity=ticket", "ticket"),
        ("alertname=WithoutSeverity", "ticket"),
    ],
)
def test_an_alert_reaches_its_receiver(amtool: list[str], labels: str, receiver: str) -> None:
    status, said = run_tool(
        amtool,
        "config",
        "routes",
        "test",
        f"--config.file={CONFIG}",
        f"--verify.receivers={receiver}",
        *labels.split(),
    )
    assert status == 0, said
