"""What the predictors do, route by route and replica by replica."""

from dashboards.parts import Json, Panel, dashboard, graph, limit_of

_HERE = '{model=~"$model", version=~"$version"}'
_DURATION = "slipway_predictor_request_duration_seconds"
LATENCY = limit_of("PredictionLatencyHigh")


def make() -> Json:
    return dashboard(
        "predictor",
        "predictor",
        "Requests, waiting, computing and the processes that do it.",
        [*_requests(), *_inside(), *_processes()],
        [
            "PredictionLatencyHigh",
            "PredictorReplicaDown",
            "HealthCheckFailing",
            "ClientErrorsRising",
        ],
    )


def _requests() -> list[Panel]:
    return [
        graph(
            "Mean latency, per minute",
            "Of all requests of a route. The line is where PredictionLatencyHigh fires, for p95.",
            "s",
            (
                f"sum by (route) (rate({_DURATION}_sum{_HERE}[1m]))"
                f" / (sum by (route) (rate({_DURATION}_count{_HERE}[1m])) > 0)",
                "{{route}}",
            ),
            limit=LATENCY,
        ),
        graph(
            "Latency p95, per hour",
            "Over the hour before each point. The line is where PredictionLatencyHigh fires.",
            "s",
            (
                "histogram_quantile(0.95, sum by (model, version, le)"
                f" (rate({_DURATION}_bucket{_HERE}[1h])))",
                "{{model}} {{version}}",
            ),
            limit=LATENCY,
        ),
        graph(
            "Requests per minute",
            "By route; health checks and metadata included.",
            "reqpm",
            (
                f"sum by (route) (rate(slipway_predictor_requests_total{_HERE}[1m])) * 60",
                "{{route}}",
            ),
        ),
        graph(
            "Responses by status code",
            "All routes.",
            "reqps",
            (f"sum by (code) (rate(slipway_predictor_requests_total{_HERE}[5m]))", "{{code}}"),
        ),
        graph(
            "Refused as wrong",
            "Share of 4xx answers by model. Above the line for a quarter of an hour, and three times the"
            " day before, it is where ClientErrorsRising fires.",
            "percentunit",
            (
                'model:slipway_predictor_client_errors_per_requests:ratio_rate5m{model=~"$model"}',
                "{{model}}",
            ),
            limit=limit_of("ClientErrorsRising"),
        ),
        graph(
            "Shed",
            "Requests refused for want of room or time, by the error they got.",
            "reqps",
            ("sum by (reason) (rate(slipway_predictor_shed_total[5m]))", "{{reason}}"),
        ),
    ]


def _inside() -> list[Panel]:
    steps = ("queue", "preprocess", "compute")
    return [
        graph(
            "Where the time goes, p95",
            "Waiting for a place, making rows ready, the forward.",
            "s",
            *(
                (
                    "histogram_quantile(0.95, sum by (le) (rate("
                    f'slipway_predictor_{step}_duration_seconds_bucket{{model=~"$model"}}[5m])))',
                    step,
                )
                for step in steps
            ),
        ),
        graph(
            "Rows in a request",
            "Median and p95. Callers with hundreds should send batches.",
            "short",
            *(
                (
                    f"histogram_quantile({q}, sum by (model, le)"
                    ' (rate(slipway_predictor_request_rows_bucket{model=~"$model"}[5m])))',
                    f"{{{{model}}}} p{int(q * 100)}",
                )
                for q in (0.5, 0.95)
            ),
        ),
        graph(
            "In flight by replica",
            "Requests being answered.",
            "short",
            ("sum by (instance) (slipway_predictor_in_flight_requests)", "{{instance}}"),
            width=8,
        ),
        graph(
            "Replicas that answer Prometheus",
            "1 while one does. All at 0 is where PredictorDown fires, one of several is where"
            " PredictorReplicaDown fires.",
            "short",
            ('up{job="predictor"}', "{{instance}}"),
            width=8,
        ),
        graph(
            "Health checks",
            "1 where the monitor's last check was answered in time with 200 and JSON. At 0 for a minute"
            " is where HealthCheckFailing fires, for ten minutes of `ready` where PredictorNotReady fires.",
            "short",
            ("min by (target, check) (slipway_monitor_probe_up)", "{{target}} {{check}}"),
            width=8,
        ),
    ]


def _processes() -> list[Panel]:
    directory = "slipway_predictor_metrics_directory"
    return [
        graph(
            "Processor time",
            "Cores in use by a predictor's processes.",
            "short",
            ("rate(slipway_predictor_cpu_seconds_total[5m])", "{{instance}}"),
            width=8,
        ),
        graph(
            "Memory",
            "Held by a predictor's processes together; MemorySaturated fires at 90% of the limit.",
            "bytes",
            ("slipway_predictor_memory_used_bytes", "{{instance}}"),
            ("slipway_predictor_memory_limit_bytes", "{{instance}} limit"),
            width=8,
        ),
        graph(
            "Metric files",
            "Filled share of the file system that holds them. The line is where"
            " MetricsDirectorySaturated fires.",
            "percentunit",
            (f"1 - {directory}_free_bytes / ({directory}_size_bytes > 0)", "{{instance}}"),
            limit=0.9,
            width=8,
        ),
    ]
