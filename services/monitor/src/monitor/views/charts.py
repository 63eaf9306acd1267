"""What is drawn, as plotly's JSON: the reference and the current rows over each other, quality over time."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

REFERENCE_COLOUR, CURRENT_COLOUR = "#9aa7b5", "#0b6e99"
VERSION_COLOURS = ("#0b6e99", "#d0743c", "#5b8c5a", "#8a5aa8", "#b03a5b")
_LAYOUT: Mapping[str, Any] = {
    "margin": {"l": 44, "r": 12, "t": 12, "b": 40},
    "height": 220,
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "font": {"family": "system-ui, sans-serif", "size": 12},
    "legend": {"orientation": "h", "y": 1.15},
}


def feature_chart(drift: Mapping[str, Any]) -> dict[str, Any]:
    """Shares of rows in each bin or category: reference and window."""
    names = list(drift["cells"]) or bin_names(drift["bin_edges"])
    bars = [
        _bars("training", names, drift["reference"], REFERENCE_COLOUR),
        _bars("this window", names, drift["current"], CURRENT_COLOUR),
    ]
    short = names if drift["cells"] else short_bin_names(drift["bin_edges"])
    axes = {
        "xaxis": {
            "type": "category",
            "tickvals": names,
            "ticktext": short,
            "automargin": True,
            "tickangle": "auto" if drift["cells"] else -45,
        },
        "yaxis": {"tickformat": ".0%", "title": {"text": "share of rows"}},
    }
    return {"data": bars, "layout": {**_LAYOUT, "barmode": "group", **axes}}


def _bars(name: str, x: Sequence[str], y: Sequence[float], colour: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": name,
        "x": list(x),
        "y": list(y),
        "marker": {"color": colour},
        "hovertemplate": "%{x}: %{y:.1%}",
    }


def bin_names(edges: Sequence[float]) -> list[str]:
    """`< 1`, `1 – 2`, `≥ 2` for the edges 1 and 2; `all` without edges."""
    if not edges:
        return ["all"]
    words = [f"{edge:.4g}" for edge in edges]
    between = [f"{low} – {high}" for low, high in pairwise(words)]
    return [f"< {words[0]}", *between, f"≥ {words[-1]}"]


def short_bin_names(edges: Sequence[float]) -> list[str]:
    """Where each bin begins, as the axis shows it; the first one, where it ends."""
    words = [f"{edge:.3g}" for edge in edges]
    return [f"< {words[0]}", *words[:-1], f"≥ {words[-1]}"] if words else ["all"]


def quality_chart(timeline: Mapping[str, Any]) -> dict[str, Any] | None:
    """Accuracy (or the mean absolute error) of each step by version, with marks; None without labels."""
    steps = [step for step in timeline["steps"] if "accuracy" in step or "mae" in step]
    if not steps:
        return None
    metric = "accuracy" if "accuracy" in steps[0] else "mae"
    versions = sorted({step["version"] for step in steps})
    lines = [
        _line(version, [s for s in steps if s["version"] == version], metric, number)
        for number, version in enumerate(versions)
    ]
    marks = [mark for mark in timeline["happenings"] if mark["kind"] != "challenger"]
    layout = {
        **_LAYOUT,
        "height": 320,
        "xaxis": {"type": "date", "automargin": True},
        "yaxis": {"title": {"text": "accuracy" if metric == "accuracy" else "mean absolute error"}},
        "shapes": [_mark_line(mark) for mark in marks],
        "annotations": [_mark_text(together) for together in at_one_time(marks)],
    }
    return {"data": lines, "layout": layout}


def _line(
    version: str, steps: Sequence[Mapping[str, Any]], metric: str, number: int
) -> dict[str, Any]:
    line: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": version,
        "x": [step["from"] for step in steps],
        "y": [step[metric] for step in steps],
        "marker": {"color": VERSION_COLOURS[number % len(VERSION_COLOURS)]},
    }
    if metric == "accuracy":
        line["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": [step["high"] - step["accuracy"] for step in steps],
            "arrayminus": [step["accuracy"] - step["low"] for step in steps],
            "thickness": 1,
        }
    return line


def _mark_line(mark: Mapping[str, Any]) -> dict[str, Any]:
    alarm = mark["kind"] in ("drift_alarm", "alert")
    colour = "#b03a5b" if alarm else "#5b8c5a"
    return {
        "type": "line",
        "x0": mark["time"],
        "x1": mark["time"],
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": colour, "width": 1, "dash": "dot"},
    }


def at_one_time(marks: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Marks of one minute together, so that their words do not lie over each other."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for mark in marks:
        found.setdefault(mark["time"][:16], []).append(mark)
    return list(found.values())


def what_happened(mark: Mapping[str, Any]) -> str:
    """A mark of the timeline in a few words."""
    details = mark["details"]
    what = {
        "promotion": f"{mark['version']} promoted",
        "rollback": f"back to {mark['version']}",
        "drift_alarm": f"drift: {details.get('feature', '').lstrip('_')}",
        "alert": str(details.get("name", "alert")),
        "retraining": f"{mark['version']} {details.get('outcome') or details.get('state', '')}",
    }
    return what.get(mark["kind"], str(mark["kind"]))


def _mark_text(marks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    words = [what_happened(mark) for mark in marks]
    more = f" and {len(words) - 2} more" if len(words) > 2 else ""
    return {
        "x": marks[0]["time"],
        "y": 1,
        "yref": "paper",
        "text": ", ".join(words[:2]) + more,
        "showarrow": False,
        "textangle": -90,
        "xanchor": "right",
        "yanchor": "top",
        "font": {"size": 10},
    }
