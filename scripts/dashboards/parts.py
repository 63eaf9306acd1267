"""What dashboards are made of: panels, variables, annotations, links."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
SOURCE = {"type": "prometheus", "uid": "prometheus"}
# Where a team reads docs/runbooks: a variable of each dashboard, for everybody to set.
RUNBOOKS = "https://example.org/slipway/docs/runbooks"
Json = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """One panel. queries: expression and legend. limit: where it turns red; warn: orange before that.

    below: red under the limit instead. neutral: blue, since no number is bad. empty: shown without data.
    """

    kind: str
    title: str
    description: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    width: int = 12
    height: int = 8
    limit: float | None = None
    warn: float | None = None
    below: bool = False
    neutral: bool = False
    empty: str = ""
    options: Json = field(default_factory=dict)


def stat(title: str, description: str, unit: str, query: str, **more: Any) -> Panel:
    """One number on a coloured field."""
    return Panel(
        "stat", title, description, unit, ((query, ""),), **{"width": 4, "height": 4} | more
    )


def graph(title: str, description: str, unit: str, *queries: tuple[str, str], **more: Any) -> Panel:
    return Panel("timeseries", title, description, unit, queries, **more)


def table(title: str, description: str, unit: str, query: str, **more: Any) -> Panel:
    return Panel("table", title, description, unit, ((query, ""),), **more)


@cache
def alert_rules() -> dict[str, Json]:
    """Every alert's rule by name."""
    files = sorted((ROOT / "deploy/prometheus/rules").glob("*.alerts.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def limit_of(alert: str) -> float:
    """The number behind the first `>` of an alert's expression: panels turn red where it fires."""
    found = re.search(r"> ([0-9.]+)(?!\d* \*)", alert_rules()[alert]["expr"])
    if not found:
        raise ValueError(f"{alert} has no limit")
    return float(found[1])


def dashboard(
    name: str, title: str, description: str, panels: list[Panel], runbooks: list[str]
) -> Json:
    """The whole JSON model. runbooks: the alerts that link here."""
    return {
        "uid": f"slipway-{name}",
        "title": f"Slipway: {title}",
        "description": description,
        "tags": ["slipway"],
        "schemaVersion": 41,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "timezone": "browser",
        "time": {"from": "now-1h", "to": "now"},
        "refresh": "15s",
        "fiscalYearStartMonth": 0,
        "weekStart": "",
        "links": [_others(), *(_runbook(alert) for alert in runbooks)],
        "annotations": {"list": [_ALERTS, _DEPLOYS, _RELEASES]},
        "templating": {
            "list": [
                _variable("model", "Model", "label_values(slipway_predictor_model_info, model)"),
                _variable(
                    "version",
                    "Version",
                    'label_values(slipway_predictor_model_info{model=~"$model"}, version)',
                ),
                {
                    "name": "runbooks",
                    "label": "Runbooks",
                    "type": "textbox",
                    "query": RUNBOOKS,
                    "current": {"text": RUNBOOKS, "value": RUNBOOKS},
                    "options": [{"selected": True, "text": RUNBOOKS, "value": RUNBOOKS}],
                    "hide": 0,
                },
            ]
        },
        "panels": _placed(panels),
    }


def _placed(panels: list[Panel]) -> list[Json]:
    """In rows of 24, in their order."""
    made, x, y, tallest = [], 0, 0, 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > 24:
            x, y, tallest = 0, y + tallest, 0
        place = {"x": x, "y": y, "w": panel.width, "h": panel.height}
        made.append(_panel(panel, number, place))
        x, tallest = x + panel.width, max(tallest, panel.height)
    return made


def _panel(panel: Panel, number: int, place: Json) -> Json:
    defaults: Json = {"unit": panel.unit}
    if panel.empty:
        defaults["noValue"] = panel.empty
    if panel.kind != "table":
        defaults["thresholds"] = {"mode": "absolute", "steps": _steps(panel)}
    if panel.kind == "timeseries":
        defaults["custom"] = {
            "fillOpacity": 10,
            "showPoints": "never",
            "thresholdsStyle": {"mode": "off" if panel.limit is None else "line"},
        }
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "links": [_runbook(alert) for alert in alert_rules() if alert in panel.description],
        "datasource": SOURCE,
        "gridPos": place,
        "targets": [_target(panel, *query, number) for number, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": _OPTIONS[panel.kind] | panel.options,
        **({"transformations": _PLAIN_TABLE} if panel.kind == "table" else {}),
    }


def _target(panel: Panel, expression: str, legend: str, number: int) -> Json:
    how = {"instant": True, "format": "table"} if panel.kind == "table" else {"range": True}
    reference = chr(ord("A") + number)
    return {
        "datasource": SOURCE,
        "refId": reference,
        "expr": expression,
        "legendFormat": legend,
    } | how


def _steps(panel: Panel) -> list[Json]:
    """Green until it matters; `below`: red from the bottom up to the limit."""
    good = "blue" if panel.neutral else "green"
    if panel.below:
        steps: list[Json] = [{"color": "red", "value": None}]
        if panel.warn is not None:
            steps.append({"color": "orange", "value": panel.limit})
        return [*steps, {"color": good, "value": panel.limit if panel.warn is None else panel.warn}]
    steps = [{"color": good, "value": None}]
    if panel.warn is not None:
        steps.append({"color": "orange", "value": panel.warn})
    if panel.limit is not None:
        steps.append({"color": "red", "value": panel.limit})
    return steps


def _variable(name: str, label: str, query: str) -> Json:
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "definition": query,
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "options": [],
        "hide": 0,
    }


def _annotation(name: str, colour: str, expression: str, title: str, text: str) -> Json:
    return {
        "builtIn": 0,
        "datasource": SOURCE,
        "enable": True,
        "hide": False,
        "iconColor": colour,
        "name": name,
        "expr": expression,
        "titleFormat": title,
        "textFormat": text,
        "step": "60s",
    }


def _runbook(alert: str) -> Json:
    url = "${runbooks}/" + f"{alert}.md"
    return _LINK | {
        "type": "link",
        "title": alert,
        "tooltip": f"What {alert} means, and what to do",
        "url": url,
        "icon": "doc",
        "targetBlank": True,
    }


def _others() -> Json:
    return _LINK | {
        "type": "dashboards",
        "title": "Slipway",
        "tooltip": "The other dashboards, for the same models and the same time",
        "tags": ["slipway"],
        "asDropdown": True,
        "includeVars": True,
        "keepTime": True,
    }


_LINK: Json = {
    "icon": "external link",
    "url": "",
    "tags": [],
    "asDropdown": False,
    "includeVars": False,
    "keepTime": False,
    "targetBlank": False,
}
_ALERTS = _annotation(
    "Alerts",
    "red",
    'ALERTS{alertstate="firing", alertname!="Watchdog"}',
    "{{alertname}}",
    "{{model}}",
)
_DEPLOYS = _annotation(
    "Deployments",
    "blue",
    'count by (model, version, generation) (slipway_predictor_model_info{role="champion"})'
    ' unless count by (model, version, generation) (slipway_predictor_model_info{role="champion"} offset 2m)',
    "{{model}} {{version}} is champion",
    "generation {{generation}}",
)
_RELEASES = _annotation(
    "Releases",
    "purple",
    "count by (release) (slipway_predictor_build_info)"
    " unless count by (release) (slipway_predictor_build_info offset 2m)",
    "predictors of release {{release}}",
    "",
)
_LEGEND = {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}
_PLAIN_TABLE = [{"id": "organize", "options": {"excludeByName": {"Time": True}}}]
_OPTIONS: dict[str, Json] = {
    "stat": {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "background",
        "graphMode": "area",
        "textMode": "value",
        "justifyMode": "center",
        "orientation": "auto",
        "percentChangeColorMode": "standard",
        "showPercentChange": False,
        "wideLayout": True,
    },
    "timeseries": {"legend": _LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}},
    "table": {"showHeader": True, "cellHeight": "sm", "frameIndex": 0},
}
