"""Every metric of the worker but those of its queue (queue_metrics.py)."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from worker.saturation import measure_process

DURATION_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
# Counted from 0: a rate sees the first failure only where there was a sample before it.
OUTCOMES = ("committed", "late", "held", "skipped", "abandoned", "failed", "raised")
WAIT_BUCKETS = (0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0)

TRAINING_BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0)


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
        self.queue_wait = Histogram(
            "slipway_queue_wait_seconds",
            "From a job's place in the queue to its start here.",
            buckets=WAIT_BUCKETS,
            registry=registry,
        )
        self.jobs = Counter(
            "slipway_worker_jobs_total",
            "Chunks by outcome: committed, late (another worker was first), held (another worker is "
            "at it), skipped (nothing was left to do), abandoned (handed back on SIGTERM), failed, raised.",
            ("outcome",),
            registry=registry,
        )
        for outcome in OUTCOMES:
            self.jobs.labels(outcome)
        self.rows = Counter(
            "slipway_worker_rows_total",
            "Rows whose results were committed, by model and version.",
            ("model", "version"),
            registry=registry,
        )
        self.retries = Counter(
            "slipway_worker_retries_total",
            "Chunks to be tried again, by reason: unavailable (store or Redis), stopped, raised.",
            ("reason",),
            registry=registry,
        )
        self.forward_rows = Gauge(
            "slipway_worker_forward_rows",
            "Rows that one forward takes at present, as measured.",
            ("model", "version"),
            registry=registry,
        )
        self.device_memory = Gauge(
            "slipway_worker_device_memory_bytes",
            "Memory of the CUDA device that this process has allocated or keeps reserved.",
            ("state",),
            registry=registry,
        )
        self.trainings = Counter(
            "slipway_worker_trainings_total",
            "Trainings by outcome: passed or rejected at the gate, failed, raised (to be tried again).",
            ("outcome",),
            registry=registry,
        )
        self.training_duration = Histogram(
            "slipway_worker_training_duration_seconds",
            "One training and its gate, whatever the outcome.",
            buckets=TRAINING_BUCKETS,
            registry=registry,
        )
        self.build_info = Gauge(
            "slipway_worker_build_info",
            "1, with the release and the queue it works on.",
            ("release", "queue"),
            registry=registry,
        )
