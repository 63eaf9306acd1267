"""slipway why: one request's story, as the monitor's log tells it."""

from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console
from rich.table import Table

from slipway.cli.asking_monitor import ask_monitor


def why(
    request_id: Annotated[str, typer.Argument(help="The X-Request-ID of an answer.")],
    monitor: Annotated[str, typer.Option(help="Where the monitor is.")] = "http://127.0.0.1:8001",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for machines.")] = False,
) -> None:
    """Why was this answered so? Version, digest, timings, drift then, label."""
    story = fetch_story(monitor, request_id)
    console = Console()
    if as_json:
        console.print_json(data=story)
        return
    for prediction in story["predictions"]:
        console.print(_table(prediction))
    for label in story["labels"]:
        console.print(f"label {label['label']} for row {label['index']}: {label['outcome']}")


def fetch_story(monitor: str, request_id: str) -> dict[str, Any]:
    """Raises NotFound for a request that the log does not know, Unavailable without a monitor,
    Forbidden where that lets nobody in without a key."""
    return ask_monitor(
        monitor,
        f"/v1/predictions/{quote(request_id, safe='')}",
        f"The monitor's log knows no request {request_id}.",
    )


def _table(prediction: dict[str, Any]) -> Table:
    table = Table(show_header=False, title=f"row {prediction['index']}")
    drift = prediction["drift"]
    over = ", ".join(drift["features"])
    label = prediction["label"]
    lines = {
        "prediction": f"{prediction['prediction']} (confidence {prediction['confidence']})",
        "model": f"{prediction['model']} {prediction['version']} as {prediction['role']}",
        "digest": prediction["digest"],
        "generation": str(prediction["generation"]),
        "answered": f"{prediction['time']} on {prediction['route']}",
        "timings": ", ".join(
            f"{name} {1000 * prediction[f'{name}_seconds']:.1f} ms"
            for name in ("latency", "queue", "compute")
            if prediction[f"{name}_seconds"] is not None
        ),
        "key": prediction["key_id"] or "none",
        "drift then": f"{drift['state']}{f' in {over}' if over else ''}",
        "label": "none yet" if label is None else f"{label}, at {prediction['label_time']}",
    }
    for name, value in lines.items():
        table.add_row(name, value)
    return table
