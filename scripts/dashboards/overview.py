"""Is all well? Seen in five seconds, in the first row."""

from dashboards.parts import Json, Panel, dashboard, graph, limit_of, stat, table

_HERE = 'model=~"$model", version=~"$version"'
_REQUESTS = f"model_version_code:slipway_predictor_requests:rate5m{{{_HERE}}}"
_FAILED = f'model_version_code:slipway_predictor_requests:rate5m{{{_HERE}, code=~"5.."}}'
ERRORS, LATENCY = limit_of("PredictionErrorRateHigh"), limit_of("PredictionLatencyHigh")


def make() -> Json:
    return dashboard(
        "overview",
        "overview",
        "Whether predictions are answered, quickly and by which models. Green above: all is well.",
        [*_at_a_glance(), *_objectives(), *_signals(), *_others()],
        ["PredictionErrorRateHigh", "PredictionLatencyHigh", "PredictorDown", "RedisDown"],
    )


def _at_a_glance() -> list[Panel]:
    return [
        stat(
            "Alerts firing",
            "Of every kind but the Watchdog. Anything but 0 is worth a look at the red marks below.",
            "short",
            'count(ALERTS{alertstate="firing", alertname!="Watchdog"}) or vector(0)',
            limit=1,
        ),
        stat(
            "Failing predictions",
            "Share of the interactive predictions answered with a server error over five minutes."
            " Red where PredictionErrorRateHigh fires.",
            "percentunit",
            f"sum({_FAILED} or vector(0)) / (sum({_REQUESTS}) > 0)",
            warn=0.001,
            limit=ERRORS,
            empty="no traffic",
        ),
        stat(
            "Latency, p95",
            "Nineteen of twenty interactive predictions of the slowest model are faster, over five"
            " minutes. Red where PredictionLatencyHigh fires.",
            "s",
            'max(model:slipway_predictor_request_duration_seconds:p95_5m{model=~"$model"})',
            warn=LATENCY / 2,
            limit=LATENCY,
            empty="no traffic",
        ),
        stat(
            "Predictions per second",
            "Interactive predictions answered, all codes, over five minutes.",
            "reqps",
            f"sum({_REQUESTS})",
            neutral=True,
        ),
        stat(
            "Predictors up",
            "Replicas that Prometheus reaches. Red where PredictorDown fires, orange without a spare.",
            "short",
            'sum(up{job="predictor"}) or vector(0)',
            below=True,
            limit=1,
            warn=2,
        ),
        stat(
            "Parts up",
            "Of gateway, worker, monitor and Redis' exporter, those of which one replica is reached; which"
            " one is missing is shown below.",
            "short",
            'count(sum by (job) (up{job=~"gateway|worker|monitor|redis"}) > 0) or vector(0)',
            below=True,
            limit=4,
        ),
    ]


def _objectives() -> list[Panel]:
    left = "slo:period_error_budget_remaining:ratio"
    return [
        *(
            stat(
                f"Error budget left: {name}",
                f"Of the 30 days' budget of the objective of {name}; below 0 it is missed.",
                "percentunit",
                f'{left}{{sloth_slo="{name}"}}',
                width=6,
                below=True,
                limit=0,
                warn=0.25,
            )
            for name in ("availability", "latency")
        ),
        graph(
            "Burn rates",
            "How many times faster than allowed the budget is spent, over five minutes. Above 14.4 for an"
            " hour it pages: AvailabilityBudgetBurnsFast, LatencyBudgetBurnsFast.",
            "short",
            ("slo:current_burn_rate:ratio", "{{sloth_slo}}"),
            limit=14.4,
            height=4,
        ),
    ]


def _signals() -> list[Panel]:
    return [
        graph(
            "Traffic by status code",
            "Interactive predictions a second.",
            "reqps",
            (f"sum by (code) ({_REQUESTS})", "{{code}}"),
        ),
        graph(
            "Errors",
            "Share of server errors by model. The line is where PredictionErrorRateHigh fires.",
            "percentunit",
            (
                'model:slipway_predictor_errors_per_requests:ratio_rate5m{model=~"$model"}',
                "{{model}}",
            ),
            limit=ERRORS,
        ),
        graph(
            "Latency",
            "Percentiles by model and version. The line is where PredictionLatencyHigh fires, for p95.",
            "s",
            *(
                (
                    f"model_version:slipway_predictor_request_duration_seconds:{p}_5m{{{_HERE}}}",
                    f"{{{{model}}}} {{{{version}}}} {p}",
                )
                for p in ("p50", "p95", "p99")
            ),
            limit=LATENCY,
        ),
        graph(
            "In flight by replica",
            "Requests being answered. One line far above the others is a stuck replica.",
            "short",
            ("sum by (instance) (slipway_predictor_in_flight_requests)", "{{instance}}"),
        ),
    ]


def _others() -> list[Panel]:
    return [
        table(
            "Models served",
            "Every version that a process has loaded, with how many processes.",
            "short",
            "count by (model, version, role, digest, generation)"
            f" (slipway_predictor_model_info{{{_HERE}}})",
        ),
        graph(
            "Replicas by part",
            "Those that Prometheus reaches. 0 is GatewayDown, PredictorDown, WorkerDown or MonitorDown.",
            "short",
            ("sum by (job) (up)", "{{job}}"),
        ),
        graph(
            "Queue",
            "Jobs of batches by state; every worker says the same.",
            "short",
            ("max by (queue, state) (slipway_queue_jobs)", "{{queue}} {{state}}"),
            width=8,
        ),
        graph(
            "Memory",
            "Share of what a process may hold. The line is where MemorySaturated fires.",
            "percentunit",
            (
                "slipway_predictor_memory_used_bytes / (slipway_predictor_memory_limit_bytes > 0)",
                "predictor {{instance}}",
            ),
            (
                "slipway_worker_memory_used_bytes / (slipway_worker_memory_limit_bytes > 0)",
                "worker {{instance}}",
            ),
            (
                "slipway_monitor_memory_used_bytes / (slipway_monitor_memory_limit_bytes > 0)",
                "monitor {{instance}}",
            ),
            limit=0.9,
            width=8,
        ),
        graph(
            "Disk",
            "Filled share of the file systems of prediction log and store. The line is where DiskSaturated"
            " fires.",
            "percentunit",
            (
                "1 - slipway_monitor_disk_free_bytes / (slipway_monitor_disk_size_bytes > 0)",
                "{{folder}}",
            ),
            limit=0.9,
            width=8,
        ),
    ]
