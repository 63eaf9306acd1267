"""One request's story: what answered, how long it took, how the world looked then, what was true."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from monitor.drift.evaluating import WindowResult
from monitor.prediction_log.finding import labels_of_request, rows_of_request, window_at
from monitor.prediction_log.values import as_label
from monitor.prediction_log.window_rows import Version
from monitor.views.times import iso
from slipway.core.errors import NotFound


def story_of(connection: Connection, request_id: str) -> dict[str, Any]:
    """Raises NotFound for a request that the log does not know."""
    rows = rows_of_request(connection, request_id)
    labels = labels_of_request(connection, request_id)
    if not rows and not labels:
        raise NotFound("The log knows no request of this id: it may be older than what is kept.")
    return {
        "request_id": request_id,
        "predictions": [prediction_view(row) | _drift_then(connection, row) for row in rows],
        "labels": [
            {
                "index": label.row_index,
                "label": as_label(label.text, label.number),
                "time": iso(label.time),
                "key_id": label.key_id,
                "outcome": label.outcome,
            }
            for label in labels
        ],
    }


def prediction_view(row: Any) -> dict[str, Any]:
    """A row of the log for people; its inputs only where they were kept."""
    truth = as_label(row.true_label, row.true_number)
    found = {
        "time": iso(row.time),
        "request_id": row.request_id,
        "index": row.row_index,
        "model": row.model,
        "version": row.version,
        "digest": row.digest,
        "generation": row.generation,
        "role": row.role,
        "route": row.route,
        "key_id": row.key_id,
        "prediction": as_label(row.predicted_label, row.predicted_number),
        "confidence": row.confidence,
        "probabilities": row.probabilities,
        "interval": None if row.interval_low is None else [row.interval_low, row.interval_high],
        "features": row.features,
        "latency_seconds": row.latency_seconds,
        "queue_seconds": row.queue_seconds,
        "compute_seconds": row.compute_seconds,
        "weight": row.weight,
        "label": truth,
        "label_time": iso(row.label_time),
    }
    if row.inputs is not None:
        found["inputs"] = row.inputs
    return found


def _drift_then(connection: Connection, row: Any) -> dict[str, Any]:
    window = window_at(connection, Version(row.model, row.version), row.time)
    if window is None:
        return {"drift": {"state": "insufficient_data", "features": []}}
    result = msgspec.convert(window.result, WindowResult)
    over = sorted(name for name, drift in result.features.items() if drift.state == "over")
    evaluated_at = iso(window.evaluated_at)
    return {"drift": {"state": result.state, "features": over, "evaluated_at": evaluated_at}}
