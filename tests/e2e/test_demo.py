"""A stack that is shown to somebody is alive within two minutes."""

import math

import pytest

from e2e.stack import Stack, eventually

ALIVE_WITHIN_SECONDS = 120
ALIVE = {
    "predictions": "sum(rate(slipway_predictor_requests_total[1m]))",
    "p95": "max(model:slipway_predictor_request_duration_seconds:p95_5m)",
    "a batch": 'sum(slipway_worker_jobs_total{outcome="committed"})',
    "labels": 'sum(slipway_monitor_labels_total{outcome="joined"})',
    "drift": "count(slipway_monitor_drift)",
    "quality": 'max(slipway_monitor_quality{metric="accuracy"})',
}


@pytest.mark.slow
def test_the_demo_fills_pages_and_dashboards(stack: Stack) -> None:
    # As `make demo` does it, which ends once all is healthy.
    stack.compose(
        "--profile", "demo", "up", "--detach", "--wait", "--no-build", timeout_seconds=300
    )
    try:
        for what, expression in ALIVE.items():
            value = eventually(
                lambda asked=expression: stack.query(asked),
                lambda found: not math.isnan(found) and found > 0,
                within_seconds=ALIVE_WITHIN_SECONDS,
            )
            assert value > 0, what
    finally:
        stack.compose("--profile", "demo", "rm", "--stop", "--force", "demo")
