"""A deployment under traffic, second by second: who is ready, how busy, how slow, what is shed."""

import math
from dataclasses import dataclass

from scaling.policy import SYNC_SECONDS, Autoscaler, Policy
from scaling.shapes import Shape


@dataclass(frozen=True)
class Pod:
    """One predictor. cpu_seconds: processor time of a request. request, limit: cores.

    processes: requests are answered by so many at once. start_seconds: from the decision to ready.
    waiting: requests that may wait before more are shed.
    """

    cpu_seconds: float
    request: float
    limit: float
    processes: int
    start_seconds: int
    waiting: int

    @property
    def capacity(self) -> float:
        """Requests a second at most: as many cores as the limit gives, one for each process."""
        return min(self.limit, self.processes) / self.cpu_seconds


@dataclass(frozen=True)
class Outcome:
    """What came of it. late_seconds: seconds in which the 99th percentile was over the objective."""

    late_seconds: int
    shed_ratio: float
    pod_hours: float
    pods: list[int]
    demand: list[float]

    @property
    def most_pods(self) -> int:
        return max(self.pods)


def simulate(
    policy: Policy, pod: Pod, shape: Shape, seconds: int, objective_seconds: float
) -> Outcome:
    """Metrics reach the autoscaler as the mean of its last period; a pod that is taken away goes at once."""
    autoscaler = Autoscaler(policy)
    ready_at = [0] * policy.least
    late = shed = served = backlog = 0.0
    pods, demand, busy = [], [], []
    for second in range(seconds):
        ready = sum(1 for at in ready_at if at <= second)
        arriving = shape(second)
        capacity = ready * pod.capacity
        answered = min(arriving + backlog, capacity)
        backlog = arriving + backlog - answered
        refused = max(0.0, backlog - ready * pod.waiting)
        backlog -= refused
        late += (
            _p99_seconds(pod, arriving / max(ready, 1), backlog / max(capacity, 1e-9))
            > (objective_seconds)
            or refused > 0
        )
        shed, served = shed + refused, served + arriving
        busy.append(answered * pod.cpu_seconds / max(ready, 1) / pod.request)
        pods.append(len(ready_at))
        demand.append(arriving)
        if second and second % SYNC_SECONDS == 0:
            measured = sum(busy[-SYNC_SECONDS:]) / SYNC_SECONDS
            wanted = autoscaler.decide(second, len(ready_at), ready, measured)
            ready_at = sorted(ready_at)[:wanted]
            ready_at += [second + pod.start_seconds] * (wanted - len(ready_at))
    return Outcome(int(late), shed / served, sum(pods) / 3_600, pods, demand)


def _p99_seconds(pod: Pod, arriving: float, waiting_seconds: float) -> float:
    """Of an M/M/1 queue for each process: −ln(0.01) / (μ − λ); plus what waits already.

    Kleinrock (1975), Queueing Systems I, ch. 3. Shared forwards make it better than this.
    """
    spare = (pod.capacity - arriving) / pod.processes
    return waiting_seconds + (math.log(100) / spare if spare > 0 else math.inf)
