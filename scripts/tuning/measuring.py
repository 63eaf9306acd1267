"""One machine, one model: every predictor that is tried, and what it answered."""

import os
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from tuning.asking import Heard, WrongAnswer, ask
from tuning.deciding import best_rows, best_shape, candidates, steps
from tuning.points import Measured, Point, Shape
from tuning.questions import Question
from tuning.serving import Predictor, predictor

# Before each step is measured: connections are spread, and what is made at first use is made.
_WARM = 0.25
# One process of callers asks as much as so many cores answer, of a model that is quick.
_CORES_A_CALLER = 4


@dataclass(frozen=True)
class Plan:
    """cores: how many the predictor has. seconds: of a step. rows: sizes of a batch beside the loaded one."""

    model: str
    questions: Sequence[Question]
    cores: int
    objective_seconds: float
    seconds: float
    rows: Sequence[int]
    folder: Path

    @property
    def many(self) -> int:
        """Connections that keep every process busy, and can fill its batches; one process takes them all."""
        return min(512, max(128, 64 * self.cores))


class Machine:
    """Measures steps of one plan, and tells of each."""

    def __init__(self, plan: Plan, callers: Executor, tell: Callable[[str], None]) -> None:
        self._plan, self._callers, self._tell = plan, callers, tell
        there = sorted(os.sched_getaffinity(0))
        self._cores = there[: plan.cores]
        # Those that the predictor leaves; the same where it leaves none.
        self._others = set(there[plan.cores :]) or set(there)

    def measured(self) -> Measured:
        plan = self._plan
        shapes = {shape: self._steps(shape, 0, [plan.many])[0] for shape in candidates(plan.cores)}
        shape = best_shape(shapes, plan.cores)
        rows = {0: shapes[shape]}
        rows |= {size: self._steps(shape, size, [plan.many])[0] for size in plan.rows}
        curve = self._steps(shape, best_rows(rows, shape, plan.cores), steps(plan.many))
        return Measured(plan.cores, plan.objective_seconds, shapes, rows, curve)

    def _steps(self, shape: Shape, rows: int, callers: Sequence[int]) -> list[Point]:
        plan = self._plan
        with predictor(plan.model, shape, rows, plan.folder, self._cores) as running:
            bearable = self._bearable(running)
            bounded = sorted({min(connections, bearable) for connections in callers})
            points = [self._step(running, connections) for connections in bounded]
        for point in points:
            self._tell(
                f"{shape} threads, {rows or 'as loaded'} rows, {point.connections:3} callers: "
                f"{point.rate:7.0f}/s, p99 {1000 * point.p99_seconds:5.1f} ms, "
                f"{point.in_flight:5.1f} in flight, {point.cores:.2f} cores "
                f"(of {point.taken_cores:.2f} taken)"
            )
        return points

    def _bearable(self, running: Predictor) -> int:
        """So many callers are each answered about once in a step, however slow the model is."""
        few = 2 * self._plan.cores
        heard = self._ask(running, few, _WARM * self._plan.seconds)
        took = max(one.ended for one in heard) - min(one.began for one in heard)
        answered = sum(len(one.seconds) for one in heard)
        return max(few, int(self._plan.seconds * answered / took))

    def _step(self, running: Predictor, connections: int) -> Point:
        answering, busy = running.answering_seconds(), running.cpu_seconds()
        taken = _taken_seconds(self._cores)
        heard = self._ask(running, connections, self._plan.seconds)
        taken = _taken_seconds(self._cores) - taken
        busy, answering = running.cpu_seconds() - busy, running.answering_seconds() - answering
        took = max(one.ended for one in heard) - min(one.began for one in heard)
        seconds = sorted(each for one in heard for each in one.seconds)
        return Point(
            connections=connections,
            rate=len(seconds) / took,
            p99_seconds=seconds[int(0.99 * len(seconds))],
            in_flight=answering / took,
            cores=busy / took,
            taken_cores=taken / took,
        )

    def _ask(self, running: Predictor, connections: int, seconds: float) -> list[Heard]:
        """Raises WrongAnswer."""
        processes = min(connections, -(-self._plan.cores // _CORES_A_CALLER))
        shares = [
            connections * (at + 1) // processes - connections * at // processes
            for at in range(processes)
        ]
        asked = [
            self._callers.submit(
                ask, running.port, self._plan.questions, share, seconds, self._others
            )
            for share in shares
        ]
        heard = [one.result() for one in asked]
        for one in heard:
            if one.wrong:
                raise WrongAnswer(one.wrong)
        return heard


def _taken_seconds(cores: Collection[int]) -> float:
    """Processor time that anybody took of these cores since the machine started (proc_stat(5))."""
    ticks = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name.startswith("cpu") and name[3:].isdigit() and int(name[3:]) in cores:
            user, nice, system, _, _, *others = map(int, fields[:8])
            ticks += user + nice + system + sum(others)
    return ticks / os.sysconf("SC_CLK_TCK")
