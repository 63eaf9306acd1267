"""What is known of drift, as Prometheus gauges: statistic, threshold, rows and time, not only a flag."""

from prometheus_client import CollectorRegistry, Gauge

from monitor.drift.evaluating import WindowResult
from monitor.prediction_log.window_rows import Version

_STATISTIC = ("model", "version", "feature", "statistic", "window")


class DriftGauges:
    """Gauges of every version that is watched. They vanish with it: a stale number is no number."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._drift = Gauge(
            "slipway_monitor_drift",
            "A drift statistic of the last window that had enough rows. psi, jensen_shannon (distance,"
            " bits), ks, wasserstein and delta_mean (in standard deviations of the reference),"
            " delta_variance (relative), new_category_rate (ratio).",
            _STATISTIC,
            registry=registry,
        )
        self._threshold = Gauge(
            "slipway_monitor_drift_threshold",
            "What the statistic is held against; it follows from the numbers of rows.",
            _STATISTIC,
            registry=registry,
        )
        self._p_value = Gauge(
            "slipway_monitor_drift_p_value_ratio",
            "The feature's p-value, corrected for the number of features (Holm).",
            ("model", "version", "feature", "window"),
            registry=registry,
        )
        self._rows = Gauge(
            "slipway_monitor_drift_window_rows",
            "Rows of the window that have a value; sampled ones as so many equal ones.",
            ("model", "version", "feature", "window"),
            registry=registry,
        )
        self._evaluated = Gauge(
            "slipway_monitor_drift_evaluated_timestamp_seconds",
            "When the window was evaluated.",
            ("model", "version", "window"),
            registry=registry,
        )
        self._insufficient = Gauge(
            "slipway_monitor_drift_insufficient_data",
            "1 where the feature's window has too few rows for a verdict, else 0.",
            ("model", "version", "feature", "window"),
            registry=registry,
        )
        self._alarm = Gauge(
            "slipway_monitor_drift_alarm",
            "1 where the feature was over its threshold in two of three windows in a row, else 0.",
            ("model", "version", "feature"),
            registry=registry,
        )
        self._share = Gauge(
            "slipway_monitor_predicted_ratio",
            "The share of each predicted class in the window.",
            ("model", "version", "outcome", "window"),
            registry=registry,
        )
        self._check = Gauge(
            "slipway_monitor_data_quality",
            "What a data quality check found: missing, out_of_range, unseen_category (ratios of rows),"
            " unit_change (factor of the medians), constant (1 or 0).",
            ("model", "version", "feature", "check"),
            registry=registry,
        )
        self._check_threshold = Gauge(
            "slipway_monitor_data_quality_threshold",
            "What the check is held against.",
            ("model", "version", "feature", "check"),
            registry=registry,
        )
        self._fault = Gauge(
            "slipway_monitor_data_fault",
            "1 where the check finds the feature's data broken, else 0. Not drift: mend the source.",
            ("model", "version", "feature", "check"),
            registry=registry,
        )

    def show(
        self, version: Version, window: str, result: WindowResult, evaluated_at: float
    ) -> None:
        """Replaces what was shown of this version's window of this kind."""
        self._evaluated.labels(*version, window).set(evaluated_at)
        for feature, drift in result.features.items():
            labels = (*version, feature, window)
            enough = drift.state != "insufficient_data"
            self._rows.labels(*labels).set(drift.n)
            self._insufficient.labels(*labels).set(not enough)
            for statistic, figure in drift.figures.items():
                which = (*version, feature, statistic, window)
                self._set(self._drift, which, figure.value if enough else None)
                self._set(self._threshold, which, figure.threshold if enough else None)
            self._set(self._p_value, labels, drift.p_value if enough else None)
        self._show_shares(version, window, result)
        if window == "tumbling":
            for feature, checks in result.checks.items():
                for name, check in checks.items():
                    self._check.labels(*version, feature, name).set(check.value)
                    self._check_threshold.labels(*version, feature, name).set(check.threshold)
                    self._fault.labels(*version, feature, name).set(check.fault)

    def _show_shares(self, version: Version, window: str, result: WindowResult) -> None:
        predicted = result.features.get("_prediction")
        if predicted is not None and predicted.state != "insufficient_data":
            for label, share in zip(predicted.cells, predicted.current, strict=False):
                self._share.labels(*version, label, window).set(share)

    def show_alarm(self, version: Version, feature: str, alarming: bool) -> None:
        self._alarm.labels(*version, feature).set(alarming)

    def forget(self, version: Version) -> None:
        """Removes everything of a version that is not watched any more."""
        which = {"model": version.model, "version": version.version}
        for gauge in vars(self).values():
            gauge.remove_by_labels(which)

    @staticmethod
    def _set(gauge: Gauge, labels: tuple[str, ...], value: float | None) -> None:
        if value is not None:
            gauge.labels(*labels).set(value)
        else:
            gauge.remove(*labels)
