"""Every metric of the worker."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from worker.saturation import measure_process

DURATION_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)


class WorkerMetrics:
    """The metrics of one process, in one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        measure_process(registry)
        self.job_duration = Histogram(
            "slipway_worker_job_duration_seconds",
            "One chunk, from its job's start to its end, whatever the outcome.",
            buckets=DURATION_BUCKETS,
            registry=registry,
        )
        self.jobs = Counter(
            "slipway_worker_jobs_total",
            "Chunks worked, by outcome: committed, late (another worker was first), skipped "
            "(nothing was left to do) or failed.",
            ("outcome",),
            registry=registry,
        )
        self.rows = Counter(
            "slipway_worker_rows_total",
            "Rows whose results were committed, by model and version.",
            ("model", "version"),
            registry=registry,
        )
