"""Requests and failures by version, from the predictors' own counters."""

from monitor.retraining.counters import counts_of, since

METRICS = """
# TYPE slipway_predictor_requests_total counter
slipway_predictor_requests_total{route="/v1/predict",code="200",model="spam",version="1.1.0"} 40
slipway_predictor_requests_total{route="/v1/predict",code="500",model="spam",version="1.1.0"} 2
slipway_predictor_requests_total{route="/v1/predict",code="200",model="spam",version="1.0.0"} 900
slipway_predictor_requests_total{route="/v1/predict",code="400",model="spam",version="1.0.0"} 9
slipway_predictor_requests_total{route="/v1/predict",code="200",model="houses",version="1.0.0"} 7
# TYPE slipway_predictor_challenger_failures_total counter
slipway_predictor_challenger_failures_total{model="spam",version="1.1.0",role="canary",reason="raised"} 3
"""


def test_the_servers_own_failures_count_and_those_that_the_champion_answered_for() -> None:
    assert counts_of(METRICS, "spam") == {"1.1.0": [45, 5], "1.0.0": [909, 0]}


def test_differences_are_added_over_replicas() -> None:
    before = {"a": {"1.1.0": [10, 1]}}
    now = {"a": {"1.1.0": [40, 2]}, "b": {"1.1.0": [5, 1]}}
    assert since(before, now, "1.1.0") == (35, 2)


def test_a_replica_that_began_again_is_taken_as_it_is() -> None:
    assert since({"a": {"1.1.0": [100, 4]}}, {"a": {"1.1.0": [7, 1]}}, "1.1.0") == (7, 1)
