"""What metrics and log lines say agrees with what was asked, over several processes."""

import os
import re
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.predictor_process import RunningPredictor
from support.waiting import wait_until

GOOD, BAD = {"message": "See you at noon, bring the keys"}, {"message": 5}
SECRET = "xylophone-4711"


def _samples(predictor: RunningPredictor, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    found = {}
    for family in text_string_to_metric_families(predictor.metrics()):
        for sample in family.samples:
            if sample.name == name:
                found[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def _total(predictor: RunningPredictor, name: str, **labels: str) -> float:
    return sum(
        value
        for found, value in _samples(predictor, name).items()
        if set(labels.items()) <= set(found)
    )


def _send(predictor: RunningPredictor, good: int, bad: int) -> None:
    bodies = [GOOD] * good + [BAD] * bad
    with ThreadPoolExecutor(8) as pool:
        statuses = list(
            pool.map(lambda body: predictor.post("/v1/predict", body).status_code, bodies)
        )
    assert (statuses.count(200), statuses.count(400)) == (good, bad)


def test_requests_over_two_processes_are_counted_exactly_also_after_one_was_killed(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor()
    _send(predictor, good=300, bad=30)
    killed = predictor.request_processes()[0]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: _replaced(predictor, killed), what="another process takes its place")
    _send(predictor, good=200, bad=20)

    route = "/v1/predict"
    counted = _total(predictor, "slipway_predictor_requests_total", route=route)
    assert counted == 550
    assert _total(predictor, "slipway_predictor_requests_total", route=route, code="400") == 50
    assert _total(predictor, "slipway_predictor_request_duration_seconds_count", route=route) == 550
    assert _total(predictor, "slipway_predictor_predictions_total") == 500
    assert _total(predictor, "slipway_predictor_in_flight_requests") == 0

    lines = [line for line in predictor.log_lines() if line.get("route") == route]
    durations = np.array([line["duration_seconds"] for line in lines])
    assert len(lines) == counted
    assert sum(line["status"] == 400 for line in lines) / len(lines) == pytest.approx(50 / 550)
    total = _total(predictor, "slipway_predictor_request_duration_seconds_sum", route=route)
    assert durations.mean() == pytest.approx(total / counted, rel=1e-9)
    assert _bucket_of_p95(predictor, route) >= np.quantile(durations, 0.95, method="inverted_cdf")


def _replaced(predictor: RunningPredictor, killed: int) -> bool:
    """The dead process's word about its models is gone, its successor's is there."""
    now = predictor.request_processes()
    loaded = len(_samples(predictor, "slipway_predictor_model_info"))
    return len(now) == 2 and killed not in now and loaded == 2


def _bucket_of_p95(predictor: RunningPredictor, route: str) -> float:
    """The upper edge of the bucket that holds the 95th percentile; checks that it is the right one."""
    counts: dict[float, float] = {}
    for labels, value in _samples(
        predictor, "slipway_predictor_request_duration_seconds_bucket"
    ).items():
        found = dict(labels)
        if found["route"] == route:
            edge = float(found["le"].replace("+Inf", "inf"))
            counts[edge] = counts.get(edge, 0) + value
    total = counts[float("inf")]
    edges = sorted(counts)
    place = next(i for i, edge in enumerate(edges) if counts[edge] >= 0.95 * total)
    lines = [line for line in predictor.log_lines() if line.get("route") == route]
    at_most = sum(line["duration_seconds"] <= edges[place] for line in lines)
    assert at_most == counts[edges[place]]
    return edges[place]


def test_a_log_line_says_what_happened_and_nothing_of_the_message(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor(workers="1")
    predictor.post(
        "/predict", {"message": f"Call {SECRET} now"}, headers={"X-Request-ID": "line-1"}
    )
    predictor.post("/predict", {"message": 3, SECRET: 1}, headers={"X-Request-ID": "line-2"})
    lines = {line.get("request_id"): line for line in predictor.log_lines()}
    line = lines["line-1"]
    assert (line["route"], line["status"], line["model"], line["version"], line["rows"]) == (
        "/predict",
        200,
        "spam",
        "1.0.0",
        1,
    )
    assert sum(line["outcomes"].values()) == 1
    assert line["request_bytes"] > 0
    assert line["response_bytes"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*", line["time"])
    assert lines["line-2"]["error"] == "InvalidInput"
    assert SECRET not in predictor.process.output
    assert SECRET not in predictor.metrics()


def test_the_metrics_process_comes_back_when_it_is_killed(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor()
    _send(predictor, good=10, bad=0)
    os.kill(predictor.metrics_process(), signal.SIGKILL)
    wait_until(predictor.metrics_or_nothing, what="metrics are back")
    assert _total(predictor, "slipway_predictor_requests_total", route="/v1/predict") == 10


def test_live_says_so_when_no_request_process_gives_a_sign_of_life(
    start_predictor: Callable[..., RunningPredictor],
) -> None:
    predictor = start_predictor(heartbeat_timeout_seconds="3")
    stopped = predictor.request_processes()
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(lambda: predictor.live_status() == 503, what="not live")
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    wait_until(lambda: predictor.live_status() == 200, what="live again")
