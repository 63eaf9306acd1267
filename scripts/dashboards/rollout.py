"""Versions side by side: before, while and after one takes over."""

from dashboards.parts import Json, dashboard, graph, limit_of, stat, table

_HERE = '{model=~"$model", version=~"$version"}'
_RATE = "model_version_code:slipway_predictor_requests:rate5m"


def make() -> Json:
    errors, latency = limit_of("PredictionErrorRateHigh"), limit_of("PredictionLatencyHigh")
    return dashboard(
        "rollout",
        "rollout",
        "Versions side by side: who serves, how much, how well. Blue marks are changes of champion.",
        [
            stat(
                "Digests of one version",
                "Red where ModelDigestsDiffer fires.",
                "short",
                "max(count by (model, version) (count by (model, version, digest)"
                f" (slipway_predictor_model_info{_HERE})))",
                width=8,
                limit=2,
            ),
            stat(
                "Generations followed",
                "Red where ModelGenerationsDiffer fires.",
                "short",
                "max(count by (model) (count by (model, generation)"
                ' (slipway_predictor_model_info{model=~"$model", role="champion"})))',
                width=8,
                limit=2,
            ),
            stat(
                "Loads refused",
                "Since the processes started. ModelLoadRefused fires when it rises.",
                "short",
                'sum(slipway_predictor_model_load_failures_total{model=~"$model"}) or vector(0)',
                width=8,
                limit=1,
            ),
            graph(
                "Requests by version",
                "Interactive predictions a second.",
                "reqps",
                (f"sum by (model, version) ({_RATE}{_HERE})", "{{model}} {{version}}"),
            ),
            graph(
                "Server errors by version",
                "Share of its interactive predictions; PredictionErrorRateHigh fires at the line.",
                "percentunit",
                (
                    f'(sum by (model, version) ({_RATE}{{model=~"$model", version=~"$version", code=~"5.."}})'
                    f" or 0 * sum by (model, version) ({_RATE}{_HERE}))"
                    f" / (sum by (model, version) ({_RATE}{_HERE}) > 0)",
                    "{{model}} {{version}}",
                ),
                limit=errors,
            ),
            graph(
                "Latency p95 by version",
                "Over five minutes. The line is where PredictionLatencyHigh fires.",
                "s",
                (
                    f"model_version:slipway_predictor_request_duration_seconds:p95_5m{_HERE}",
                    "{{model}} {{version}}",
                ),
                limit=latency,
            ),
            graph(
                "Answers by version and role",
                "Rows answered a second, by predicted label.",
                "cps",
                (
                    "sum by (model, version, role, outcome)"
                    f" (rate(slipway_predictor_predictions_total{_HERE}[5m]))",
                    "{{version}} {{role}} {{outcome}}",
                ),
            ),
            graph(
                "Store, as predictors see it",
                "1 while one of them reaches it. StoreDown fires at 0: promotions do not arrive.",
                "short",
                (
                    'max by (dependency) (slipway_predictor_dependency_up{dependency="store"})',
                    "{{dependency}}",
                ),
                width=8,
            ),
            table(
                "Who serves what",
                "Every loaded version by replica.",
                "short",
                "count by (instance, model, version, role, generation, digest)"
                f" (slipway_predictor_model_info{_HERE})",
                width=16,
            ),
        ],
        ["ModelDigestsDiffer", "ModelGenerationsDiffer", "ModelLoadRefused", "StoreDown"],
    )
