"""The monitor reads the predictions' events into its log and probes the predictors."""

import requests

from e2e.stack import Stack, eventually


def test_it_answers_health_and_readiness(stack: Stack) -> None:
    for path in ("/health", "/ready"):
        assert requests.get(stack.url("MONITOR", path), timeout=10).status_code == 200


def test_a_prediction_reaches_the_log(stack: Stack) -> None:
    def logged() -> float:
        return stack.query('sum(slipway_monitor_events_total{outcome="stored"})')

    before = eventually(logged, lambda known: known >= 0, within_seconds=60)
    for _ in range(5):
        assert stack.predict({"message": "hello"}).status_code == 200
    eventually(logged, lambda now: now >= before + 5, within_seconds=60)


def test_it_finds_both_predictors_healthy(stack: Stack) -> None:
    def probes() -> list[float]:
        found = stack.samples('slipway_monitor_probe_up{check="health"}')
        return [float(sample["value"][1]) for sample in found]

    eventually(probes, lambda found: found == [1.0, 1.0], within_seconds=60)
