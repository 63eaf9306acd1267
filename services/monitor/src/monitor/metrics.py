"""Every metric of the monitor. Label values are few and known."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

ROUND_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class MonitorMetrics:
    """The metrics of the process, in one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.build_info = Gauge(
            "slipway_monitor_build_info",
            "1, with the release and the Python it runs on.",
            ("release", "python"),
            registry=registry,
        )
        self.events = Counter(
            "slipway_monitor_events_total",
            "Entries of the stream of events, by what became of them: stored, duplicate,"
            " unknown_schema, malformed, not_storable.",
            ("outcome",),
            registry=registry,
        )
        self.events_trimmed = Counter(
            "slipway_monitor_events_trimmed_total",
            "Events that were trimmed off the stream before they were read.",
            registry=registry,
        )
        self.labels = Counter(
            "slipway_monitor_labels_total",
            "Labels read, by what became of them: joined, replaced, early (counted again when its"
            " prediction comes), other_key, unknown_class, older, duplicate, unknown_schema, malformed,"
            " not_storable.",
            ("outcome",),
            registry=registry,
        )
        self.stream_lag = Gauge(
            "slipway_monitor_stream_lag_events",
            "Entries of a stream that are not in the log yet. Before Redis 7: an upper bound.",
            ("stream",),
            registry=registry,
        )
        self.intake_duration = Histogram(
            "slipway_monitor_intake_duration_seconds",
            "Writing one round of a stream's entries into the log.",
            ("stream",),
            buckets=ROUND_BUCKETS,
            registry=registry,
        )
        self.intake_failures = Counter(
            "slipway_monitor_intake_failures_total",
            "Rounds of reading a stream that failed and are tried again, by what was away.",
            ("stream", "reason"),
            registry=registry,
        )
        self.round_duration = Histogram(
            "slipway_monitor_round_duration_seconds",
            "One round of the work that is done again and again.",
            ("round",),
            buckets=ROUND_BUCKETS,
            registry=registry,
        )
        self.round_failures = Counter(
            "slipway_monitor_round_failures_total",
            "Rounds that failed; the next one tries again.",
            ("round",),
            registry=registry,
        )
        self.probe_up = Gauge(
            "slipway_monitor_probe_up",
            "1 where the last probe of a predictor was answered in time with 200 and JSON, else 0.",
            ("target", "check"),
            registry=registry,
        )
        self.probe_duration = Gauge(
            "slipway_monitor_probe_duration_seconds",
            "How long the last probe of a predictor took.",
            ("target", "check"),
            registry=registry,
        )
