"""Are the answers right, and are the questions those that the model was made for?"""

from dashboards.parts import Json, Panel, dashboard, graph, stat, table

_HERE = '{model=~"$model", version=~"$version"}'


def _with(more: str) -> str:
    return f'{{model=~"$model", version=~"$version", {more}}}'


def make() -> Json:
    return dashboard(
        "quality",
        "model quality and drift",
        "Labels, drift, data faults, and whether the monitor sees what is predicted.",
        [*_verdicts(), *_quality(), *_drift(), *_intake()],
        [
            "QualityBelowBaseline",
            "FeatureDriftHigh",
            "PredictionDriftHigh",
            "DataFault",
            "LabelsMissing",
        ],
    )


def _verdicts() -> list[Panel]:
    def verdict(title: str, alert: str, query: str, what: str) -> Panel:
        text = f"{what} Red where {alert} fires."
        return stat(title, text, "short", f"sum({query}) or vector(0)", width=6, limit=1)

    return [
        verdict(
            "Worse than in training",
            "QualityBelowBaseline",
            f"slipway_monitor_quality_worse{_HERE}",
            "Versions whose labels say so for certain.",
        ),
        verdict(
            "Features drifted",
            "FeatureDriftHigh",
            "slipway_monitor_drift_alarm" + _with('feature!~"_.*"'),
            "In two of the last three windows.",
        ),
        verdict(
            "Answers drifted",
            "PredictionDriftHigh",
            "slipway_monitor_drift_alarm" + _with('feature=~"_.*"'),
            "Predictions or their confidence, in two of the last three windows.",
        ),
        verdict(
            "Data faults",
            "DataFault",
            f"slipway_monitor_data_fault{_HERE}",
            "Broken inputs: missing, out of range, another unit.",
        ),
    ]


def _quality() -> list[Panel]:
    return [
        graph(
            "Quality from labels",
            "Figures of the last labelled rows, by version.",
            "short",
            (f"slipway_monitor_quality{_HERE}", "{{version}} {{metric}} {{outcome}}"),
        ),
        graph(
            "Accuracy as estimated without labels",
            "From calibrated confidence, with its interval.",
            "percentunit",
            (f"slipway_monitor_quality_estimate{_HERE}", "{{model}} {{version}}"),
            (f"slipway_monitor_quality_estimate_low{_HERE}", "{{version}} low"),
            (f"slipway_monitor_quality_estimate_high{_HERE}", "{{version}} high"),
        ),
        graph(
            "Error of numbers as estimated without labels",
            "From the widths of their intervals: mean absolute error (in the output's unit), coverage.",
            "short",
            (f"slipway_monitor_regression_estimate{_HERE}", "{{model}} {{version}} {{metric}}"),
            (f"slipway_monitor_regression_estimate_low{_HERE}", "{{version}} {{metric}} low"),
            (f"slipway_monitor_regression_estimate_high{_HERE}", "{{version}} {{metric}} high"),
        ),
        graph(
            "Label coverage",
            "Share of predictions, old enough, that have a label. Below 20% nothing is judged.",
            "percentunit",
            (f"slipway_monitor_label_coverage_ratio{_HERE}", "{{model}} {{version}}"),
            width=8,
        ),
        graph(
            "Labels",
            "By what became of them, an hour. LabelsMissing fires where none was joined for a day.",
            "short",
            ("sum by (outcome) (increase(slipway_monitor_labels_total[1h]))", "{{outcome}}"),
            width=8,
        ),
        graph(
            "Share of each answer",
            "Over fifteen minutes; the limit is where PredictedClassShareHigh fires after an hour.",
            "percentunit",
            (
                'model_outcome:slipway_predictor_predictions_per_predictions:ratio_rate15m{model=~"$model"}',
                "{{model}} {{outcome}}",
            ),
            ('model:slipway_predicted_class_ratio:limit{model=~"$model"}', "{{model}} limit"),
            width=8,
        ),
    ]


def _drift() -> list[Panel]:
    over = "slipway_monitor_drift{0} / (slipway_monitor_drift_threshold{0} > 0)"
    return [
        graph(
            "Drift against its threshold",
            "The statistic of the last window over its threshold: above 1 counts, if it is no chance.",
            "short",
            (over.format(_with('window="tumbling"')), "{{feature}} {{statistic}}"),
            limit=1,
        ),
        graph(
            "Rows in the window",
            "Below 500 there is no verdict.",
            "short",
            (
                "slipway_monitor_drift_window_rows" + _with('window="tumbling"'),
                "{{model}} {{feature}}",
            ),
        ),
        table(
            "Data checks",
            "What each check found in the last window.",
            "short",
            f"slipway_monitor_data_quality{_HERE}",
        ),
        graph(
            "Age of the verdict",
            "Since the last window was evaluated.",
            "s",
            (
                f"time() - slipway_monitor_drift_evaluated_timestamp_seconds{_HERE}",
                "{{model}} {{version}} {{window}}",
            ),
        ),
    ]


def _intake() -> list[Panel]:
    return [
        graph(
            "Events",
            "Published by predictors, stored by the monitor (MonitorStale fires where it stores none),"
            " dropped on the way (EventsDropped), trimmed off the stream unread (EventsTrimmed).",
            "cps",
            ("sum(rate(slipway_predictor_events_published_total[5m]))", "published"),
            (
                "sum by (outcome) (rate(slipway_monitor_events_total[5m]))",
                "monitor: {{outcome}}",
            ),
            (
                "sum by (reason) (rate(slipway_predictor_events_dropped_total[5m]))",
                "dropped: {{reason}}",
            ),
            ("sum(rate(slipway_monitor_events_trimmed_total[5m]))", "trimmed"),
            width=8,
        ),
        graph(
            "Entries not in the log yet",
            "The line is where MonitorLagging fires after ten minutes.",
            "short",
            ("sum by (stream) (slipway_monitor_stream_lag_events)", "{{stream}}"),
            limit=10000,
            width=8,
        ),
        graph(
            "Rounds that failed",
            "Share of the monitor's rounds by kind. Above the line for ten minutes is where"
            " MonitorRoundsFailing fires.",
            "percentunit",
            (
                "sum by (round) (rate(slipway_monitor_round_failures_total[10m])) / (sum by (round)"
                " (rate(slipway_monitor_round_duration_seconds_count[10m])) > 0)",
                "{{round}}",
            ),
            limit=0.5,
            width=8,
        ),
    ]
