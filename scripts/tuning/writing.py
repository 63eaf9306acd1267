"""The settings file: a value a line, and above each what was measured."""

from collections.abc import Iterator, Mapping

from tuning.deciding import ALIKE, BUSY, MOST, ROOM, SPREAD, rate_alone
from tuning.points import Decided, Measured, Point, Shape

AUTOSCALER = "deploy/k8s/base/predictor-autoscaler.yaml"
ADAPTER = "deploy/k8s/components/prometheus-adapter/kustomization.yaml"
IN_FLIGHT = "slipway_predictor_in_flight_requests"
KEDA = "deploy/k8s/components/keda/scaled-objects.yaml"


def settings(decided: Decided) -> dict[str, int]:
    """By their names in the environment."""
    return {
        "SLIPWAY_WORKERS": decided.shape.workers,
        "SLIPWAY_TORCH_THREADS": decided.shape.threads,
        "SLIPWAY_FORWARD_ROWS": decided.rows,
        "SLIPWAY_MAX_IN_FLIGHT": decided.max_in_flight,
        "SLIPWAY_MAX_WAITING": decided.max_waiting,
    }


def written(measured: Measured, decided: Decided, heading: str) -> str:
    """heading: what was measured where, a line."""
    values, why = settings(decided), reasons(measured, decided)
    lines = [
        f"# {heading}",
        "# Written by `make tune`; docs/performance.md says how it is used. Keys and events were off.",
    ]
    for name, value in values.items():
        lines += ["", *(f"# {line}" for line in why[name]), f"{name}={value}"]
    lines += ["", *(f"# {line}".rstrip() for line in autoscaling(measured, decided))]
    return "\n".join(lines) + "\n"


def reasons(measured: Measured, decided: Decided) -> Mapping[str, list[str]]:
    """What was measured, by the setting that follows from it."""
    shape, knee, best = decided.shape, decided.knee, max(measured.curve, key=lambda p: p.rate)
    return {
        "SLIPWAY_WORKERS": [
            "Request processes × threads of a forward: answers a second of "
            f"{_only(measured.shapes).connections} callers, in brackets as if nobody else had taken cores:",
            *(_shape_line(measured, each) for each in measured.shapes),
            f"The fewest processes with {ALIKE:.0%} of the best.",
        ],
        "SLIPWAY_TORCH_THREADS": ["Threads that one forward may use; as above."],
        "SLIPWAY_FORWARD_ROWS": [
            "Rows that share a forward, and answers a second, as if nobody else had taken cores: "
            + ", ".join(
                f"{size or 'as loaded'} {rate_alone(p, shape, measured.cores):,.0f}"
                for size, p in measured.rows.items()
            )
            + ".",
            f"0: measured whenever a model is loaded, unless a fixed size is over {1 - ALIKE:.0%} faster.",
        ],
        "SLIPWAY_MAX_IN_FLIGHT": [
            f"For each process. {knee.connections} callers got {knee.rate:,.0f} answers a second, "
            f"{knee.rate / best.rate:.0%} of the best rate ({best.rate:,.0f}, {best.connections} callers).",
            f"{SPREAD} times their share, since connections spread unevenly; "
            "room for a batch of a fixed size.",
        ],
        "SLIPWAY_MAX_WAITING": [
            "For each process, beyond those in flight: at "
            f"{best.rate / shape.workers:,.0f} answers a second it may hold {decided.waits_for:,} requests",
            f"so that the last one is answered within {measured.objective_seconds:g} s (Little's law, "
            f"{ROOM:.0%} of it); {MOST} at most.",
        ],
    }


def _shape_line(measured: Measured, shape: Shape) -> str:
    point = measured.shapes[shape]
    alone = rate_alone(point, shape, measured.cores)
    return (
        f"  {shape}: {point.rate:,.0f} ({alone:,.0f}), p99 {1000 * point.p99_seconds:.0f} ms, "
        f"{point.cores:.2f} cores"
    )


def autoscaling(measured: Measured, decided: Decided) -> Iterator[str]:
    """The autoscaler's targets, as patches of its manifests."""
    busy, cores = decided.busy, measured.cores
    yield "Targets of the autoscaler, as patches of HorizontalPodAutoscaler predictor."
    yield f"At {BUSY:.0%} of the best rate, {busy.rate:,.0f} answers a second, {busy.in_flight:.1f} requests"
    yield f"were in flight and {busy.cores:.2f} of {cores} cores taken."
    yield f"CPU, in percent of a pod's CPU request ({AUTOSCALER}): as here"
    yield f"where a pod requests cpu: {cores}; else 100 × {busy.cores:.2f} ÷ its request."
    yield (
        "  - { op: replace, path: /spec/metrics/0/resource/target/averageUtilization, "
        f"value: {decided.utilization} }}"
    )
    yield f"{IN_FLIGHT} of a pod ({ADAPTER};"
    yield f"with KEDA the threshold in {KEDA}):"
    yield (
        "  - { op: replace, path: /spec/metrics/1/external/target/averageValue, "
        f'value: "{decided.target_in_flight}" }}'
    )


def _only(shapes: Mapping[Shape, Point]) -> Point:
    """All were asked by as many callers."""
    return next(iter(shapes.values()))
