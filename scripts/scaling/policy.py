"""How a HorizontalPodAutoscaler decides, as Kubernetes documents it.

https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
"""

import math
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml

# What the controller and the metrics pipeline do by default.
SYNC_SECONDS = 15
TOLERANCE = 0.1


@dataclass(frozen=True)
class Limit:
    """At most so much more, or less, than there was `period_seconds` ago."""

    kind: str
    value: int
    period_seconds: int

    def pods(self, before: int) -> int:
        return self.value if self.kind == "Pods" else math.ceil(before * self.value / 100)


@dataclass(frozen=True)
class Policy:
    """What the autoscaler's manifest says. target: a share of the requested CPU, 0 to 1."""

    least: int
    most: int
    target: float
    up_window_seconds: int
    down_window_seconds: int
    up: tuple[Limit, ...]
    down: tuple[Limit, ...]

    @classmethod
    def of(cls, manifest: Path) -> Self:
        """The policy in a file that holds one HorizontalPodAutoscaler on the CPU."""
        spec: dict[str, Any] = yaml.safe_load(manifest.read_text())["spec"]
        (cpu,) = (m["resource"] for m in spec["metrics"] if m["type"] == "Resource")
        up, down = spec["behavior"]["scaleUp"], spec["behavior"]["scaleDown"]
        return cls(
            least=spec["minReplicas"],
            most=spec["maxReplicas"],
            target=cpu["target"]["averageUtilization"] / 100,
            up_window_seconds=up["stabilizationWindowSeconds"],
            down_window_seconds=down["stabilizationWindowSeconds"],
            up=_limits(up),
            down=_limits(down),
        )


def desired(pods: int, ready: int, utilization: float, target: float) -> int:
    """How many pods the metric asks for. utilization: mean share of the request, of the ready ones.

    Pods that are not ready count as idle when more are asked for.
    """
    if ready == 0:
        return pods
    ratio = utilization / target
    if abs(ratio - 1) <= TOLERANCE:
        return pods
    if ratio < 1 or ready == pods:
        return math.ceil(ready * ratio) if ratio > 1 else max(1, math.ceil(pods * ratio))
    damped = utilization * ready / pods / target
    return math.ceil(pods * damped) if damped > 1 + TOLERANCE else pods


@dataclass
class Autoscaler:
    """One autoscaler's memory: what it recommended, and how many pods there were."""

    policy: Policy
    _asked: deque[tuple[int, int]] = field(default_factory=deque)
    _had: deque[tuple[int, int]] = field(default_factory=deque)

    def decide(self, second: int, pods: int, ready: int, utilization: float) -> int:
        """The number of pods from this second on."""
        policy = self.policy
        self._had.append((second, pods))
        wanted = desired(pods, ready, utilization, policy.target)
        wanted = min(max(wanted, policy.least), policy.most)
        self._asked.append((second, wanted))
        if wanted > pods:
            wanted = max(pods, self._since(self._asked, second, policy.up_window_seconds, min))
            return min(wanted, self._bound(second, policy.up, 1, max))
        wanted = min(pods, self._since(self._asked, second, policy.down_window_seconds, max))
        return max(wanted, self._bound(second, policy.down, -1, min))

    @staticmethod
    def _since(history: deque[tuple[int, int]], second: int, window: int, choose: Any) -> int:
        found: int = choose(n for at, n in history if at >= second - window)
        return found

    def _bound(self, second: int, limits: tuple[Limit, ...], sign: int, choose: Any) -> int:
        """How far the limits let the number go, from what it was at the start of their periods."""
        bounds = []
        for limit in limits:
            before = next((n for at, n in self._had if at >= second - limit.period_seconds))
            bounds.append(before + sign * limit.pods(before))
        found: int = choose(bounds)
        return found


def _limits(side: dict[str, Any]) -> tuple[Limit, ...]:
    return tuple(Limit(p["type"], p["value"], p["periodSeconds"]) for p in side["policies"])
