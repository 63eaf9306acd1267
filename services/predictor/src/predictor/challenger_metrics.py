"""What is counted of a version that challenges the champion, in the shadow or as a canary."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

CHALLENGER_WEIGHT = "slipway_predictor_challenger_weight"
CHALLENGER_END = "slipway_predictor_challenger_end_timestamp_seconds"
# In the output's own unit, whatever that is: half a decade from one edge to the next.
DIFFERENCE_BUCKETS = tuple(factor * 10.0**power for power in range(-3, 7) for factor in (1.0, 3.0))


class ChallengerMetrics:
    """The metrics of one process's challengers, in one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.weight = Gauge(
            CHALLENGER_WEIGHT,
            "The share of requests that a challenger which this process has loaded takes part in, 0 to 1.",
            ("model", "version", "role"),
            multiprocess_mode="liveall",
            registry=registry,
        )
        self.end = Gauge(
            CHALLENGER_END,
            "When this process stops asking the challenger by itself; no series where it would not.",
            ("model", "version", "role"),
            multiprocess_mode="liveall",
            registry=registry,
        )
        self.failures = Counter(
            "slipway_predictor_challenger_failures_total",
            "Requests that a challenger could not score, by reason: raised (of a canary's the champion"
            " answered) or late (the caller's time ran out).",
            ("model", "version", "role", "reason"),
            registry=registry,
        )
        self.compared = Counter(
            "slipway_predictor_shadow_rows_total",
            "Rows that a challenger scored beside the champion, by both classes (regressions: `number`).",
            ("model", "version", "champion_class", "challenger_class", "agrees"),
            registry=registry,
        )
        self.difference = Histogram(
            "slipway_predictor_shadow_absolute_difference",
            "Between a challenger's number and the champion's, in the output's unit.",
            ("model", "version"),
            buckets=DIFFERENCE_BUCKETS,
            registry=registry,
        )
        self.dropped = Counter(
            "slipway_predictor_shadow_dropped_rows_total",
            "Rows that a challenger should have scored and did not, by reason: buffer_full.",
            ("model", "version", "reason"),
            registry=registry,
        )

    def expect(self, model: str, version: str, role: str) -> None:
        """Counts from 0 on, so that the first failure is a rise."""
        for reason in ("raised", "late"):
            self.failures.labels(model, version, role, reason)
        if role == "shadow":
            self.dropped.labels(model, version, "buffer_full")
