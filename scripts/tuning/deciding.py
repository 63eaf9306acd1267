"""From measured points to settings: arithmetic alone."""

import math
from collections.abc import Mapping, Sequence

from tuning.points import Decided, Measured, Point, Shape

# Rates closer than this are alike: measured twice, one machine differs by as much.
ALIKE = 0.95
# Of the requests that fit into the objective by the mean rate: batches and turns make some later.
ROOM = 0.8
# Places for each that nearly the best rate needs: connections spread unevenly over processes.
SPREAD = 2
# Of the best rate: there a pod is added, so that one more is ready before this one is full.
BUSY = 0.7
# Of the cores: taken so far, the predictor counts as having wanted more than it got.
FULL = 0.9
# Bounds of SLIPWAY_MAX_IN_FLIGHT and SLIPWAY_MAX_WAITING.
MOST = 1024


def candidates(cores: int) -> list[Shape]:
    """Processes and threads to measure: never more than the cores, six at most."""
    whole = [(cores // part, 1) for part in (1, 2, 4)]
    threaded = [(cores // part, part) for part in (2, 4)] + [(1, cores)]
    found = dict.fromkeys(Shape(*each) for each in whole + threaded if each[0] > 0)
    return list(found)


def steps(most: int) -> list[int]:
    """Growing numbers of callers from 1 to `most`, seven at most, evenly on a logarithmic scale."""
    return sorted({round(most ** (at / 6)) for at in range(7)})


def decided(measured: Measured) -> Decided:
    """Raises ValueError where a kind of point is missing."""
    shape = best_shape(measured.shapes, measured.cores)
    rows = best_rows(measured.rows, shape, measured.cores)
    knee = reached(measured.curve, ALIKE)
    waits_for = in_time(measured.curve, shape, measured.objective_seconds)
    needed = math.ceil(knee.connections / shape.workers)
    places = max(needed, min(waits_for, max(SPREAD * needed, rows)))
    busy = between(measured.curve, BUSY)
    return Decided(
        shape=shape,
        rows=rows,
        knee=knee,
        waits_for=waits_for,
        max_in_flight=min(MOST, places),
        max_waiting=min(MOST, max(0, waits_for - places)),
        busy=busy,
        target_in_flight=max(1, round(busy.in_flight)),
        utilization=max(1, round(100 * busy.cores / measured.cores)),
    )


def best_shape(shapes: Mapping[Shape, Point], cores: int) -> Shape:
    """Of those with nearly the highest rate, the one with the fewest processes, then threads."""
    rates = {shape: rate_alone(point, shape, cores) for shape, point in shapes.items()}
    enough = ALIKE * max(rates.values())
    near = (shape for shape, rate in rates.items() if rate >= enough)
    return min(near, key=lambda shape: (shape.workers, shape.threads))


def rate_alone(point: Point, shape: Shape, cores: int) -> float:
    """The rate on a machine without callers and others, where they left no core idle.

    Then each process would have had a core: the rate is held to be proportional to what it had.
    """
    if point.cores <= 0 or point.taken_cores < FULL * cores:
        return point.rate
    return point.rate * max(1.0, min(shape.workers, cores) / point.cores)


def best_rows(rows: Mapping[int, Point], shape: Shape, cores: int) -> int:
    """The fastest size of a batch; 0, as many as the load measures, unless one is clearly faster."""
    rates = {size: rate_alone(point, shape, cores) for size, point in rows.items()}
    best = max(rates, key=lambda size: rates[size])
    return 0 if rates.get(0, 0.0) >= ALIKE * rates[best] else best


def reached(curve: Sequence[Point], share: float) -> Point:
    """The fewest callers that got this share of the best rate."""
    enough = share * max(point.rate for point in curve)
    return next(point for point in curve if point.rate >= enough)


def in_time(curve: Sequence[Point], shape: Shape, objective_seconds: float) -> int:
    """How many requests a process may hold so that the last one is answered in time; one at least.

    Little (1961): as many are held as come in a second, times the seconds that each stays.
    """
    rate = max(point.rate for point in curve) / shape.workers
    return max(1, math.floor(ROOM * rate * objective_seconds))


def between(curve: Sequence[Point], share: float) -> Point:
    """Where the rate passes this share of the best one: on a straight line between two points."""
    wanted = share * max(point.rate for point in curve)
    above = next(at for at, point in enumerate(curve) if point.rate >= wanted)
    more = curve[above]
    if above == 0:
        return more
    less = curve[above - 1]
    way = (wanted - less.rate) / (more.rate - less.rate)
    return Point(
        round(_along(way, less.connections, more.connections)),
        wanted,
        _along(way, less.p99_seconds, more.p99_seconds),
        _along(way, less.in_flight, more.in_flight),
        _along(way, less.cores, more.cores),
        _along(way, less.taken_cores, more.taken_cores),
    )


def _along(way: float, begin: float, end: float) -> float:
    return begin + way * (end - begin)
