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
            stat(
                "Challenger's share",
                "What share of the requests a canary answers; where there is none, a shadow scores.",
                "percentunit",
                'max(slipway_predictor_challenger_weight{model=~"$model", version=~"$version",'
                f' role="canary"}} > 0) or max(slipway_predictor_challenger_weight{_HERE}) or vector(0)',
                width=8,
                neutral=True,
            ),
            stat(
                "Challenge ends in",
                "Then every process asks the champion alone. 0: nobody challenges, or without an end.",
                "s",
                f"(max(slipway_predictor_challenger_end_timestamp_seconds{_HERE}) - time() > 0)"
                " or vector(0)",
                width=8,
                neutral=True,
            ),
            stat(
                "Challenger's failures",
                "Share of what it was asked. ChallengerFailing fires at the limit.",
                "percentunit",
                "max(sum by (model, version, role)"
                f" (rate(slipway_predictor_challenger_failures_total{_HERE}[5m]))"
                f" / (model_version_role:slipway_predictor_asked:rate5m{_HERE} > 0))"
                " or vector(0)",
                width=8,
                limit=limit_of("ChallengerFailing"),
            ),
            graph(
                "Requests by version and role",
                "Interactive predictions a second.",
                "reqps",
                (
                    "sum by (model, version, role) (rate(slipway_predictor_requests_total"
                    f"{_HERE}[5m]) * on (route) group_left () slipway:prediction_route:info)",
                    "{{model}} {{version}} {{role}}",
                ),
            ),
            graph(
                "Compute time p95 by version and role",
                "Of one request's forward, over five minutes; a shadow's is taken beside the requests.",
                "s",
                (
                    "histogram_quantile(0.95, sum by (model, version, role, le)"
                    f" (rate(slipway_predictor_compute_duration_seconds_bucket{_HERE}[5m])))",
                    "{{model}} {{version}} {{role}}",
                ),
            ),
            graph(
                "Disagreement in the shadow",
                "Share of the rows that the challenger answers otherwise than the champion.",
                "percentunit",
                (
                    "sum by (model, version) (rate(slipway_predictor_shadow_rows_total"
                    f'{{model=~"$model", version=~"$version", agrees="no"}}[5m]))'
                    " / (sum by (model, version)"
                    f" (rate(slipway_predictor_shadow_rows_total{_HERE}[5m])) > 0) or vector(0)",
                    "{{model}} {{version}}",
                ),
            ),
            graph(
                "Shadow: not scored",
                "Rows a second that did not fit into the buffer.",
                "cps",
                (
                    "sum by (model, version, reason)"
                    f" (rate(slipway_predictor_shadow_dropped_rows_total{_HERE}[5m])) or vector(0)",
                    "{{model}} {{version}} {{reason}}",
                ),
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
                "Retraining, by step",
                "1 for the step that the open retraining is at. RetrainingWaiting fires after an hour.",
                "short",
                (
                    'slipway_monitor_retraining_state{model=~"$model"} or vector(0)',
                    "{{model}} {{state}}",
                ),
            ),
            graph(
                "Retraining, time at its step",
                "RetrainingStuck fires after two hours in training.",
                "s",
                (
                    'slipway_monitor_retraining_step_age_seconds{model=~"$model"} or vector(0)',
                    "{{model}}",
                ),
            ),
            graph(
                "Retraining, the last outcome",
                "1 for how the last one ended. RetrainingFailed fires for a day after one that failed.",
                "short",
                (
                    'slipway_monitor_retraining_last_outcome{model=~"$model"} or vector(0)',
                    "{{model}} {{outcome}}",
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
                "Shadow: the champion's class and the challenger's",
                "Rows scored by both since the processes started.",
                "short",
                "sum by (model, version, champion_class, challenger_class)"
                f" (slipway_predictor_shadow_rows_total{_HERE}) or vector(0)",
                width=24,
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
        [
            "ChallengerFailing",
            "ModelDigestsDiffer",
            "ModelGenerationsDiffer",
            "ModelLoadRefused",
            "RetrainingFailed",
            "RetrainingStuck",
            "RetrainingWaiting",
            "StoreDown",
        ],
    )
