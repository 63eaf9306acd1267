"""From made-up points to settings."""

from dataclasses import replace
from typing import Any

import pytest

from slipway.core.settings import PredictorSettings
from tuning.deciding import (
    MOST,
    best_rows,
    best_shape,
    between,
    candidates,
    decided,
    rate_alone,
    steps,
)
from tuning.points import Measured, Point, Shape

ONE, TWO, THREADED = Shape(1, 1), Shape(2, 1), Shape(1, 2)


def point(rate: float, connections: int = 64, **more: Any) -> Point:
    usual = Point(
        connections, rate, p99_seconds=0.02, in_flight=connections, cores=1, taken_cores=1.1
    )
    return replace(usual, **more)


# 1,000 a second is reached by 8 callers and nearly by 4.
CURVE = [
    point(400, 1, in_flight=1, cores=0.4),
    point(600, 2, in_flight=2, cores=0.6),
    point(800, 4, in_flight=4, cores=1.0),
    point(960, 8, in_flight=8, cores=1.6),
    point(1000, 64, in_flight=64, cores=1.8),
]


def measured(**more: Any) -> Measured:
    usual = Measured(
        cores=2,
        objective_seconds=0.5,
        shapes={TWO: point(1000), ONE: point(500), THREADED: point(600)},
        rows={0: point(1000)},
        curve=CURVE,
    )
    return replace(usual, **more)


def test_candidates_never_ask_for_more_than_the_cores() -> None:
    assert candidates(1) == [ONE]
    assert candidates(2) == [TWO, ONE, THREADED]
    for cores in (3, 4, 7, 16, 64):
        shapes = candidates(cores)
        assert len(shapes) <= 6
        assert max(shape.cores for shape in shapes) <= cores
        assert {Shape(cores, 1), Shape(1, cores)} <= set(shapes)


def test_steps_grow_from_one_caller_to_the_most() -> None:
    assert steps(64) == [1, 2, 4, 8, 16, 32, 64]
    assert steps(512)[0] == 1 and steps(512)[-1] == 512 and len(steps(512)) == 7


def test_the_fastest_shape_is_taken_where_it_is_clearly_faster() -> None:
    assert best_shape({TWO: point(1000), ONE: point(900)}, cores=8) == TWO


def test_the_fewest_processes_are_taken_among_those_within_five_percent() -> None:
    shapes = {TWO: point(1000), ONE: point(960), THREADED: point(970)}
    assert best_shape(shapes, cores=8) == ONE


def test_what_others_took_of_a_full_machine_is_given_back_in_proportion() -> None:
    full = point(1000, cores=1.25, taken_cores=2.0)
    assert rate_alone(full, TWO, cores=2) == pytest.approx(1600)


def test_a_process_that_had_its_core_gains_nothing() -> None:
    assert rate_alone(point(1000, cores=1.0, taken_cores=2.0), ONE, cores=2) == 1000


def test_threads_are_given_no_more_than_a_core_for_each_process() -> None:
    assert rate_alone(point(1000, cores=0.8, taken_cores=2.0), THREADED, cores=2) == 1250


def test_a_machine_with_cores_to_spare_takes_nothing_from_the_predictor() -> None:
    assert rate_alone(point(1000, cores=1.2, taken_cores=1.5), TWO, cores=8) == 1000


def test_two_processes_beside_hungry_neighbours_are_seen_to_be_faster_than_one() -> None:
    shapes = {
        ONE: point(1000, cores=0.9, taken_cores=1.9),
        TWO: point(900, cores=1.0, taken_cores=2.0),
    }
    assert best_shape(shapes, cores=2) == TWO


def test_a_fixed_batch_is_taken_only_where_it_is_clearly_faster_than_what_the_load_measures() -> (
    None
):
    assert best_rows({0: point(1000), 4: point(1040), 64: point(700)}, ONE, 8) == 0
    assert best_rows({0: point(1000), 4: point(700), 64: point(1100)}, ONE, 8) == 64


def test_twice_as_many_are_in_flight_in_each_process_as_nearly_the_best_rate_needs() -> None:
    found = decided(measured())
    assert found.knee.connections == 8
    assert found.max_in_flight == 2 * 8 / 2


def test_a_fixed_batch_finds_room_in_flight() -> None:
    assert decided(measured(rows={0: point(500), 32: point(1000)})).max_in_flight == 32


def test_whoever_waits_is_answered_within_the_objective() -> None:
    found = decided(measured())
    rate_of_a_process = 500
    assert found.waits_for == 200
    assert (found.max_in_flight + found.max_waiting) / rate_of_a_process == 0.8 * 0.5


def test_nobody_waits_for_a_model_that_is_slower_than_the_objective() -> None:
    slow = [point(2, 1, in_flight=1, cores=1), point(2, 64, in_flight=64, cores=1)]
    found = decided(measured(shapes={ONE: point(2)}, curve=slow))
    assert (found.max_in_flight, found.max_waiting) == (1, 0)


def test_limits_stay_within_the_bounds_of_their_settings() -> None:
    fast = [point(100_000, 1), point(1_000_000, 4096)]
    found = decided(measured(shapes={ONE: point(1)}, curve=fast))
    assert (found.max_in_flight, found.max_waiting) == (MOST, MOST)
    PredictorSettings(max_in_flight=MOST, max_waiting=MOST)
    for name in ("max_in_flight", "max_waiting"):
        with pytest.raises(ValueError, match=name):
            PredictorSettings.model_validate({name: MOST + 1})


def test_the_autoscaler_aims_at_seventy_percent_of_the_best_rate() -> None:
    found = decided(measured())
    assert found.busy.rate == pytest.approx(700)  # half-way between 2 and 4 callers
    assert found.target_in_flight == 3
    assert found.utilization == 40  # 0.8 of 2 cores


def test_a_rate_that_one_caller_reaches_is_reached_by_one_in_flight() -> None:
    assert between([point(900, 1, in_flight=0.8), point(1000, 2)], 0.7).connections == 1
    found = decided(measured(curve=[point(900, 1, in_flight=0.3), point(1000, 2)]))
    assert found.target_in_flight == 1
