"""Quality as Prometheus gauges, each figure with its interval and how many rows it is of."""

from prometheus_client import CollectorRegistry, Gauge

from monitor.drift.evaluating import WindowResult
from monitor.prediction_log.window_rows import Version
from monitor.quality.verdict import QualityResult

_FIGURE = ("model", "version", "metric", "outcome")
_VERSION = ("model", "version")
_EXPECTED = ("model", "version", "metric")


class QualityGauges:
    """Gauges of every version with labels. Under 200 labelled rows or 20 % coverage only these two."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._value = Gauge(
            "slipway_monitor_quality",
            "A figure of the last labelled rows: accuracy, precision, recall, f1, auc, interval_coverage"
            " (ratios), log_loss, brier, calibration_error, mae, rmse, mean_error (in the output's unit).",
            _FIGURE,
            registry=registry,
        )
        self._low = Gauge(
            "slipway_monitor_quality_low",
            "The lower end of the figure's 95 % interval.",
            _FIGURE,
            registry=registry,
        )
        self._high = Gauge(
            "slipway_monitor_quality_high",
            "The upper end of the figure's 95 % interval.",
            _FIGURE,
            registry=registry,
        )
        self._rows = Gauge(
            "slipway_monitor_quality_rows",
            "Labelled rows that the figures are of.",
            _VERSION,
            registry=registry,
        )
        self._coverage = Gauge(
            "slipway_monitor_label_coverage_ratio",
            "The share of predictions, old enough, that have a label.",
            _VERSION,
            registry=registry,
        )
        self._delay = Gauge(
            "slipway_monitor_label_delay_seconds",
            "From prediction to label, at the quantile.",
            ("model", "version", "quantile"),
            registry=registry,
        )
        self._insufficient = Gauge(
            "slipway_monitor_quality_insufficient_data",
            "1 where labels are too few for figures, else 0.",
            _VERSION,
            registry=registry,
        )
        self._worse = Gauge(
            "slipway_monitor_quality_worse",
            "1 where quality is certainly worse than on the rows held back in training, else 0.",
            _VERSION,
            registry=registry,
        )
        self._estimate = Gauge(
            "slipway_monitor_quality_estimate",
            "Accuracy as it is estimated without labels, from calibrated confidence.",
            _VERSION,
            registry=registry,
        )
        self._estimate_low = Gauge(
            "slipway_monitor_quality_estimate_low",
            "The lower end of the estimate's 95 % interval.",
            _VERSION,
            registry=registry,
        )
        self._estimate_high = Gauge(
            "slipway_monitor_quality_estimate_high",
            "The upper end of the estimate's 95 % interval.",
            _VERSION,
            registry=registry,
        )
        self._estimate_error = Gauge(
            "slipway_monitor_quality_estimate_error_ratio",
            "How far the last estimate was off once its window had labels: estimated - measured.",
            _VERSION,
            registry=registry,
        )
        self._expected = Gauge(
            "slipway_monitor_regression_estimate",
            "A regression's figure as it is estimated without labels, from the widths of its intervals:"
            " mae (in the output's unit), interval_coverage (ratio).",
            _EXPECTED,
            registry=registry,
        )
        self._expected_low = Gauge(
            "slipway_monitor_regression_estimate_low",
            "The lower end of the estimate's 95 % interval.",
            _EXPECTED,
            registry=registry,
        )
        self._expected_high = Gauge(
            "slipway_monitor_regression_estimate_high",
            "The upper end of the estimate's 95 % interval.",
            _EXPECTED,
            registry=registry,
        )
        self._expected_error = Gauge(
            "slipway_monitor_regression_estimate_error",
            "How far the last estimate was off once its window had labels: estimated - measured.",
            _EXPECTED,
            registry=registry,
        )
        self._slice = Gauge(
            "slipway_monitor_quality_slice",
            "A figure of one group of a field: predicted_rate, accuracy, recall (ratios).",
            ("model", "version", "field", "group", "metric", "outcome"),
            registry=registry,
        )
        self._difference = Gauge(
            "slipway_monitor_quality_slice_difference",
            "The group's figure less that of all other rows.",
            ("model", "version", "field", "group", "metric", "outcome"),
            registry=registry,
        )

    def show(self, version: Version, result: QualityResult) -> None:
        """Replaces what was shown of the version's labelled rows."""
        which = {"model": version.model, "version": version.version}
        gauges = (self._value, self._low, self._high, self._slice, self._difference, self._delay)
        for gauge in gauges:
            gauge.remove_by_labels(which)
        enough = result.state != "insufficient_data"
        self._rows.labels(*version).set(len_of(result))
        self._coverage.labels(*version).set(
            result.labelled / result.predicted if result.predicted else 0.0
        )
        self._insufficient.labels(*version).set(not enough)
        self._worse.labels(*version).set(result.state == "worse")
        for quantile, delay in (("0.5", result.delay_median), ("0.9", result.delay_p90)):
            if delay is not None:
                self._delay.labels(*version, quantile).set(delay)
        for error in (result.estimate_error, result.coverage_error):
            if error is not None and error.metric == "accuracy":
                self._estimate_error.labels(*version).set(error.error)
            elif error is not None:
                self._expected_error.labels(*version, error.metric).set(error.error)
        if not enough:
            return
        for figure in result.figures:
            labels = (*version, figure.metric, figure.outcome)
            self._value.labels(*labels).set(figure.value)
            self._low.labels(*labels).set(figure.low)
            self._high.labels(*labels).set(figure.high)
        for one in result.slices:
            of_group = (*version, one.field, one.group, one.measured.metric, one.measured.outcome)
            self._slice.labels(*of_group).set(one.measured.value)
            if one.difference is not None:
                self._difference.labels(*of_group).set(one.difference)

    def show_estimate(self, version: Version, window: WindowResult) -> None:
        """Of a window that closed, before its labels come."""
        for estimate in (window.estimate, window.coverage):
            if estimate is None:
                continue
            if estimate.metric == "accuracy":
                gauges = (self._estimate, self._estimate_low, self._estimate_high)
                labels: tuple[str, ...] = tuple(version)
            else:
                gauges = (self._expected, self._expected_low, self._expected_high)
                labels = (*version, estimate.metric)
            figures = (estimate.value, estimate.low, estimate.high)
            for gauge, figure in zip(gauges, figures, strict=True):
                gauge.labels(*labels).set(figure)

    def forget(self, version: Version) -> None:
        """Removes everything of a version that is not watched any more."""
        for gauge in vars(self).values():
            gauge.remove_by_labels({"model": version.model, "version": version.version})


def len_of(result: QualityResult) -> float:
    """Rows that the figures are of, sampled ones as so many equal ones."""
    return max((figure.n for figure in result.figures if not figure.outcome), default=0.0)
