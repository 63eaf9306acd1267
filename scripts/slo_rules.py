"""Writes rules/objectives.*.yml from slo/objectives.yml. With --check: fails where they are not current.

The recorded series have Sloth's names and labels, so that dashboards made for Sloth work. Burn rates and
windows: Beyer et al. (2018), The Site Reliability Workbook, ch. 5.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[1] / "deploy" / "prometheus"
DAYS = 30
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
# Of each severity: (how many times faster than the budget allows, long window, short window).
BURNS = {
    "page": ((14.4, "1h", "5m"), (6, "6h", "30m")),
    "ticket": ((3, "1d", "2h"), (1, "3d", "6h")),
}
SUFFIX = {"page": "Fast", "ticket": "Slowly"}
FOR = {"page": "2m", "ticket": "15m"}
# Below so many requests a second over the hour a ratio says nothing.
GUARD = {"page": ("1h", 0.02), "ticket": ("6h", 0.01)}
HEAD = "# Made from slo/objectives.yml by `make slo-rules`; do not edit.\n"
ROUTES = "* on (route) group_left () slipway:prediction_route:info"
SERIES = {
    "model_version_code:slipway_predictor_requests": (
        "model, version, code",
        "slipway_predictor_requests_total",
    ),
    "model_version_le:slipway_predictor_request_duration_seconds_bucket": (
        "model, version, le",
        'slipway_predictor_request_duration_seconds_bucket{le=~"0.5|[+]Inf"}',
    ),
}


def main() -> None:
    wrong = []
    for path, text in files(yaml.safe_load((FOLDER / "slo/objectives.yml").read_text())).items():
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            wrong.append(path.name)
    if wrong:
        sys.exit(f"not what slo/objectives.yml says: {', '.join(wrong)}: make slo-rules")


def files(spec: dict[str, Any]) -> dict[Path, str]:
    """The rule files by path."""
    slos = [(spec["service"], slo) for slo in spec["slos"]]
    rates = [{"name": "slipway-objective-rates", "interval": "1m", "rules": list(_rates())}]
    for service, slo in slos:
        group = {"name": f"slipway-objective-{slo['name']}", "rules": list(_records(service, slo))}
        rates.append(group)
    alerts = [rule for service, slo in slos for rule in _alerts(service, slo)]
    named = {"recording": rates, "alerts": [{"name": "slipway-objective-alerts", "rules": alerts}]}
    paths = {"recording": "objectives.rules.yml", "alerts": "objectives.alerts.yml"}
    return {
        FOLDER / "rules" / paths[kind]: HEAD
        + yaml.safe_dump({"groups": groups}, sort_keys=False, width=110)
        for kind, groups in named.items()
    }


def _rates() -> Iterator[dict[str, Any]]:
    """The rates behind both objectives over each window; those over 5m are in predictions.rules.yml."""
    for window in WINDOWS[1:]:
        for name, (labels, series) in SERIES.items():
            expr = f"sum by ({labels}) (rate({series}[{window}]) {ROUTES})"
            yield {"record": f"{name}:rate{window}", "expr": expr}


def _labels(service: str, slo: dict[str, Any]) -> dict[str, str]:
    name = slo["name"]
    return {"sloth_id": f"{service}-{name}", "sloth_service": service, "sloth_slo": name}


def _records(service: str, slo: dict[str, Any]) -> Iterator[dict[str, Any]]:
    labels = _labels(service, slo)
    here = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    events = slo["sli"]["events"]

    def record(name: str, expr: str, **more: str) -> dict[str, Any]:
        return {"record": name, "expr": expr, "labels": labels | more}

    for window in WINDOWS:
        error, total = (
            events[kind].replace("{{.window}}", window) for kind in ("error_query", "total_query")
        )
        ratio = f"({error}) / ({total} > 0)"
        yield record(f"slo:sli_error:ratio_rate{window}", ratio, sloth_window=window)
    for window in sorted({window for window, _ in GUARD.values()}):
        total = events["total_query"].replace("{{.window}}", window)
        yield record(f"slo:sli_total:rate{window}", total)
    short = f"slo:sli_error:ratio_rate5m{{{here}}}"
    yield record(
        f"slo:sli_error:ratio_rate{DAYS}d",
        f"sum_over_time({short}[{DAYS}d]) / ignoring (sloth_window)"
        f" count_over_time({short}[{DAYS}d])",
        sloth_window=f"{DAYS}d",
    )
    objective = slo["objective"] / 100
    budget = f"slo:error_budget:ratio{{{here}}}"
    yield record("slo:objective:ratio", f"vector({objective:.6g})")
    yield record("slo:error_budget:ratio", f"vector(1 - {objective:.6g})")
    yield record("slo:time_period:days", f"vector({DAYS})")
    on = "/ on (sloth_id, sloth_slo, sloth_service) group_left ()"
    yield record("slo:current_burn_rate:ratio", f"{short} {on} {budget}")
    long = f"slo:sli_error:ratio_rate{DAYS}d{{{here}}}"
    yield record("slo:period_burn_rate:ratio", f"{long} {on} {budget}")
    yield record(
        "slo:period_error_budget_remaining:ratio", f"1 - slo:period_burn_rate:ratio{{{here}}}"
    )
    info = {"sloth_mode": "cli-gen-prom", "sloth_version": "none", "sloth_spec": "prometheus/v1"}
    yield record("sloth_slo_info", "vector(1)", sloth_objective=f"{slo['objective']}", **info)


def _alerts(service: str, slo: dict[str, Any]) -> Iterator[dict[str, Any]]:
    here = f'sloth_id="{_labels(service, slo)["sloth_id"]}"'
    budget = f"{1 - slo['objective'] / 100:.6g}"
    for severity, burns in BURNS.items():
        name = f"{slo['alerting']['name']}{SUFFIX[severity]}"
        pairs = " or ".join(
            f"(max without (sloth_window) (slo:sli_error:ratio_rate{short}{{{here}}}) > {times} * {budget}"
            f" and max without (sloth_window) (slo:sli_error:ratio_rate{long}{{{here}}})"
            f" > {times} * {budget})"
            for times, long, short in burns
        )
        window, least = GUARD[severity]
        days = [f"{DAYS / times:.3g}" for times, _, _ in burns]
        yield {
            "alert": name,
            "expr": f"({pairs}) and slo:sli_total:rate{window}{{{here}}} > {least}",
            "for": FOR[severity],
            "labels": {"severity": severity},
            "annotations": {
                "summary": "{{ $value | humanizePercentage }} of the predictions miss the objective"
                f" of {slo['name']}",
                "description": f"{slo['description']} The objective is {slo['objective']}% over {DAYS} days;"
                " {{ $value | humanizePercentage }} miss it at present, fast enough to spend the month's"
                f" budget within {days[0]} to {days[-1]} days.",
                "runbook_url": f"docs/runbooks/{name}.md",
                "dashboard": "/d/slipway-overview",
            },
        }


if __name__ == "__main__":
    main()
