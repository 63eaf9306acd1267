"""What is measured, and what is decided from it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """A predictor's request processes, and the threads that one forward of each may use."""

    workers: int
    threads: int

    @property
    def cores(self) -> int:
        """As many as it can use."""
        return self.workers * self.threads

    def __str__(self) -> str:
        return f"{self.workers} × {self.threads}"


@dataclass(frozen=True)
class Point:
    """A predictor that so many callers asked without a pause.

    rate: right answers a second. p99_seconds: as the callers saw it. in_flight: requests being
    answered, the mean over time. cores: what the predictor took. taken_cores: of the cores where it
    runs, what it, its callers and everybody else took.
    """

    connections: int
    rate: float
    p99_seconds: float
    in_flight: float
    cores: float
    taken_cores: float


@dataclass(frozen=True)
class Measured:
    """cores: what the machine, or its container, has. objective_seconds: how late an answer may be.

    shapes: each under the same many callers, batches as the model's load measured them. rows: the
    same for the chosen shape, by the rows that share a forward; 0: as at load. curve: the chosen
    shape and rows, by growing numbers of callers.
    """

    cores: int
    objective_seconds: float
    shapes: dict[Shape, Point]
    rows: dict[int, Point]
    curve: list[Point]


@dataclass(frozen=True)
class Decided:
    """Settings of the predictor, and what its autoscaler should aim at.

    knee: where a rate near the best one is reached. waits_for: requests that a process answers
    within the objective. busy: where the autoscaler should add a pod; utilization: the cores taken
    there, in percent of those measured with.
    """

    shape: Shape
    rows: int
    knee: Point
    waits_for: int
    max_in_flight: int
    max_waiting: int
    busy: Point
    target_in_flight: int
    utilization: int
