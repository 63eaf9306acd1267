"""Writes docs/metrics.md from the services' source. With --check: fails where it is not current."""

import sys
from collections.abc import Iterable
from itertools import groupby

from exported_metrics import ROOT, Metric, exported

PAGE = ROOT / "docs" / "metrics.md"
HEAD = """\
# Metrics

Generated from the code by `make metrics-page`; do not edit. Durations are seconds, sizes bytes, ratios
0 to 1, times seconds since 1970. A histogram has the series `_bucket`, `_sum` and `_count`; a counter
starts at 0 with its process. The predictor answers on port 9100, the worker on 9101, the monitor on 8001.

Worker and monitor also export `process_*` of the Python client (memory, processor time, open files). The
gateway's `haproxy_*`, the Redis exporter's `redis_*` and Prometheus's own come from their makers.
"""
UNITS = {"seconds": "seconds", "bytes": "bytes", "ratio": "ratio", "info": "1", "up": "0 or 1"}
COUNTED = {"events", "jobs", "labels", "predictions", "processes", "requests", "rows"}


def main() -> None:
    page = render(exported())
    if "--check" not in sys.argv:
        PAGE.write_text(page)
    elif PAGE.read_text() != page:
        sys.exit("docs/metrics.md is not what the code exports: make metrics-page")


def render(metrics: Iterable[Metric]) -> str:
    """The page; metrics: sorted by service."""
    parts = [HEAD]
    for service, its in groupby(metrics, key=lambda metric: metric.service):
        parts.append(
            f"\n## {service.capitalize()}\n\n| metric | kind | unit | labels | meaning |\n"
        )
        parts.append("| --- | --- | --- | --- | --- |\n")
        parts += [_row(metric) for metric in its]
    return "".join(parts)


def unit_of(metric: Metric) -> str:
    """From the end of the name, where units are written."""
    last = metric.name.removesuffix("_total").split("_")[-1]
    return UNITS.get(
        last, last if last in COUNTED else "count" if metric.kind == "counter" else "–"
    )


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "–"
    meaning = metric.help.replace("|", "\\|")
    return f"| `{metric.name}` | {metric.kind} | {unit_of(metric)} | {labels} | {meaning} |\n"


if __name__ == "__main__":
    main()
