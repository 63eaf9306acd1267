"""What a predictor says of its own limits, of what it refused, and of what it depends on."""

from collections.abc import Callable

from prometheus_client.parser import text_string_to_metric_families

from support.predictor_process import RunningPredictor
from support.redis_server import RedisServer
from support.waiting import wait_until


def sample(predictor: RunningPredictor, name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(predictor.metrics()):
        for found in family.samples:
            if found.name == name and found.labels == labels:
                return float(found.value)
    return None


def test_memory_processor_time_and_metric_files_of_all_its_processes_are_exported(
    predictor: RunningPredictor,
) -> None:
    # The master, two request processes, and the one that answers here.
    assert sample(predictor, "slipway_predictor_processes") == 4
    used = sample(predictor, "slipway_predictor_memory_used_bytes")
    limit = sample(predictor, "slipway_predictor_memory_limit_bytes")
    assert used is not None and limit is not None
    assert 50_000_000 < used < limit
    assert (sample(predictor, "slipway_predictor_cpu_seconds_total") or 0) > 0.5
    assert sample(predictor, "slipway_predictor_metrics_directory_used_bytes")
    free = sample(predictor, "slipway_predictor_metrics_directory_free_bytes")
    size = sample(predictor, "slipway_predictor_metrics_directory_size_bytes")
    assert free is not None and size is not None
    assert 0 < free < size


def test_the_wait_for_a_place_is_measured(predictor: RunningPredictor) -> None:
    predictor.post("/v1/predict", {"message": "hello"})
    who = {"model": "spam", "version": "1.0.0", "role": "champion"}
    waited = sample(predictor, "slipway_predictor_queue_duration_seconds_count", **who)
    assert waited and waited >= 1


def test_what_is_refused_for_want_of_time_is_counted_by_reason(predictor: RunningPredictor) -> None:
    rows = {"instances": [{"message": "call me back " * 20}] * 1000}
    late = predictor.post("/v1/predict", rows, headers={"X-Request-Timeout-Ms": "1"})
    assert late.status_code == 504
    assert sample(predictor, "slipway_predictor_shed_total", reason="DeadlineExceeded") == 1


def test_a_predictor_without_redis_and_store_says_nothing_of_them(
    predictor: RunningPredictor,
) -> None:
    assert "slipway_predictor_dependency_up{" not in predictor.metrics()


def test_a_redis_that_goes_and_comes_is_seen_in_the_metrics(
    start_predictor: Callable[..., RunningPredictor], redis_server: RedisServer
) -> None:
    predictor = start_predictor(redis_url=redis_server.url, store_url="file:///nowhere/at/all")
    name = "slipway_predictor_dependency_up"
    wait_until(lambda: sample(predictor, name, dependency="redis") == 1, what="Redis is up")
    redis_server.kill()
    wait_until(lambda: sample(predictor, name, dependency="redis") == 0, what="Redis is away")
    redis_server.start()
    wait_until(lambda: sample(predictor, name, dependency="redis") == 1, what="Redis is back")
