"""Every metric of the predictor. Label values are few and known: never ids, raw paths or messages."""

from functools import cached_property

from prometheus_client import CollectorRegistry, Counter, Gauge

from predictor.challenger_metrics import ChallengerMetrics
from predictor.metric_values import Histogram

# The service level objective's bound, 0.5 s, is an edge.
DURATION_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STEP_BUCKETS = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
)
ROW_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
NO_MODEL = ""
# Which version it was, and as what: champion, canary or shadow.
WHO = ("model", "version", "role")
MODEL_INFO = "slipway_predictor_model_info"


class EventCounts:
    """What became of events. Counts are of rows."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._published = Counter(
            "slipway_predictor_events_published_total",
            "Predictions that Redis took for the monitor.",
            registry=registry,
        )
        self._dropped = Counter(
            "slipway_predictor_events_dropped_total",
            "Predictions that the monitor will not hear of, by reason.",
            ("reason",),
            registry=registry,
        )
        for reason in (
            "buffer_full",
            "stopped",
            "broken",
        ):  # from 0 on, so that the first drop is a rise
            self._dropped.labels(reason)

    def published(self, events: int) -> None:
        self._published.inc(events)

    def dropped(self, reason: str, events: int) -> None:
        self._dropped.labels(reason).inc(events)


Who = tuple[str, str, str]


class VersionMetrics:
    """What one version in one role counts, looked up once: by labels, a look-up costs as much as a count.

    Each is there from its first use on, so that nobody exports series of what never happens.
    """

    def __init__(self, metrics: "PredictorMetrics", who: Who) -> None:
        self._metrics = metrics
        self._who = who
        self._outcomes: dict[str, Counter] = {}

    @cached_property
    def in_flight(self) -> Gauge:
        return self._metrics.in_flight_predictions.labels(*self._who)

    @cached_property
    def queue(self) -> Histogram:
        return self._metrics.queue.labels(*self._who)

    @cached_property
    def preprocess(self) -> Histogram:
        return self._metrics.preprocess.labels(*self._who)

    @cached_property
    def compute(self) -> Histogram:
        return self._metrics.compute.labels(*self._who)

    @cached_property
    def rows(self) -> Histogram:
        return self._metrics.request_rows.labels(*self._who)

    def predicted(self, outcome: str, rows: int) -> None:
        kept = self._outcomes.get(outcome)
        if kept is None:
            kept = self._outcomes[outcome] = self._metrics.predictions.labels(*self._who, outcome)
        kept.inc(rows)

    def unseen(self, field: str) -> None:
        self._metrics.unseen_categories.labels(*self._who, field).inc()


class PredictorMetrics:
    """The metrics of one process, in one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._versions: dict[Who, VersionMetrics] = {}
        self._answers: dict[tuple[str, int, Who], tuple[Counter, Histogram]] = {}
        self.requests = Counter(
            "slipway_predictor_requests_total",
            "Requests answered, by route, status code, and the model, version and role that answered"
            " (empty where none was reached).",
            ("route", "code", "model", "version", "role"),
            registry=registry,
        )
        self.request_duration = Histogram(
            "slipway_predictor_request_duration_seconds",
            "From the first byte of a request read to its answer made.",
            ("route", "model", "version", "role"),
            buckets=DURATION_BUCKETS,
            registry=registry,
        )
        self.in_flight = Gauge(
            "slipway_predictor_in_flight_requests",
            "Requests being answered.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.in_flight_predictions = Gauge(
            "slipway_predictor_in_flight_predictions",
            "Requests whose rows a version is computing or about to.",
            WHO,
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.shed = Counter(
            "slipway_predictor_shed_total",
            "Requests refused unanswered, by error: RateLimited, QueueFull, Overloaded, NotReady,"
            " Unavailable, DeadlineExceeded.",
            ("reason",),
            registry=registry,
        )
        self.queue = Histogram(
            "slipway_predictor_queue_duration_seconds",
            "Waiting for a place to compute in.",
            WHO,
            buckets=STEP_BUCKETS,
            registry=registry,
        )
        self.predictions = Counter(
            "slipway_predictor_predictions_total",
            "Rows answered, by predicted label (regressions: `number`).",
            ("model", "version", "role", "outcome"),
            registry=registry,
        )
        self.unseen_categories = Counter(
            "slipway_predictor_unseen_categories_total",
            "Values of a categorical field that training never saw.",
            ("model", "version", "role", "feature"),
            registry=registry,
        )
        self.request_rows = Histogram(
            "slipway_predictor_request_rows",
            "Instances in one prediction request.",
            WHO,
            buckets=ROW_BUCKETS,
            registry=registry,
        )
        self.preprocess = Histogram(
            "slipway_predictor_preprocess_duration_seconds",
            "Making a request's rows ready for the network.",
            WHO,
            buckets=STEP_BUCKETS,
            registry=registry,
        )
        self.compute = Histogram(
            "slipway_predictor_compute_duration_seconds",
            "The network's forward for a request's rows.",
            WHO,
            buckets=STEP_BUCKETS,
            registry=registry,
        )
        self.model_info = Gauge(
            MODEL_INFO,
            "1 for each version that this process has loaded, by role.",
            ("model", "version", "role", "digest", "generation"),
            multiprocess_mode="liveall",
            registry=registry,
        )
        self.model_cache_bytes = Gauge(
            "slipway_predictor_model_cache_bytes",
            "Copies of the store's versions in the folder that this machine's processes share.",
            multiprocess_mode="mostrecent",
            registry=registry,
        )
        self.model_load_failures = Counter(
            "slipway_predictor_model_load_failures_total",
            "Versions that were refused when they were loaded.",
            ("model", "version"),
            registry=registry,
        )
        self.challenger = ChallengerMetrics(registry)
        self.dependency_up = Gauge(
            "slipway_predictor_dependency_up",
            "1 while every request process reaches it, else 0: redis or store, where configured.",
            ("dependency",),
            multiprocess_mode="livemin",
            registry=registry,
        )
        self.events = EventCounts(registry)
        self.build_info = Gauge(
            "slipway_predictor_build_info",
            "1, with the release and the versions it runs on.",
            ("release", "python", "torch"),
            multiprocess_mode="mostrecent",
            registry=registry,
        )

    def of(self, who: Who) -> VersionMetrics:
        """Of a model, a version and a role; there are as many as were loaded."""
        kept = self._versions.get(who)
        if kept is None:
            kept = self._versions[who] = VersionMetrics(self, who)
        return kept

    def answered(self, route: str, status: int, who: Who, seconds: float) -> None:
        """One request, in its count and its duration."""
        kept = self._answers.get((route, status, who))
        if kept is None:
            counter = self.requests.labels(route, str(status), *who)
            kept = counter, self.request_duration.labels(route, *who)
            self._answers[route, status, who] = kept
        kept[0].inc()
        kept[1].observe(seconds)
