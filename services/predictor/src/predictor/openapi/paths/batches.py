"""Many rows at once, answered later."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import msgspec

from predictor.openapi import examples
from predictor.openapi.operations import (
    READS,
    Callers,
    Operation,
    Paths,
    json_body,
    operation,
    path_parameter,
    query_parameter,
    with_examples,
)
from predictor.openapi.schemas import Schema, ref
from slipway.batches.layout import ID
from slipway.core.api_keys import Scope
from slipway.model.runtime import Model

_FOUND = (404, 409, 500, 503)
_LINES: dict[str, Schema] = {"application/x-ndjson": {"type": "string"}}
_CSV: dict[str, Schema] = {"text/csv": {"type": "string"}}
_BATCH_ID: Schema = {"type": "string", "pattern": "^[^/]+$"}
_AFTER: Schema = {"type": "string", "pattern": f"^({ID.pattern})?$"}
_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same body answers the same batch.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_LINKS = {
    name: {"operationId": name, "parameters": {"batch_id": "$response.body#/id"}}
    for name in ("batch", "batch_results", "cancel_batch")
}


def paths(callers: Callers, served: Sequence[Model], shown: Model | None) -> Paths:
    """shown: whose rows are in the examples."""
    caller = callers.with_scope(Scope.BATCH)
    one = (path_parameter("batch_id", _BATCH_ID),)
    whole = _whole(shown) if shown else None

    def on_one(name: str, summary: str) -> Operation:
        made = operation(
            name,
            summary,
            caller=caller,
            answers={200: ref("Batch")},
            errors=_FOUND,
            parameters=one,
        )
        return with_examples(made, answer=whole)

    results = operation(
        "batch_results",
        "A finished batch's answers, a line a row.",
        caller=caller,
        answers={200: _LINES},
        errors=_FOUND,
        parameters=one,
    )
    return {
        "/v1/batches": {
            "post": _submit(callers, served, shown),
            "get": with_examples(
                operation(
                    "batches",
                    "The caller's own batches, newest first.",
                    caller=caller,
                    answers={200: ref("Batches")},
                    errors=(400, 404, 500, 503),
                    parameters=(
                        query_parameter("limit", {"type": "integer", "minimum": 1, "maximum": 200}),
                        query_parameter("after", _AFTER, "A batch: those before it."),
                    ),
                ),
                answer={"batches": [whole], "next": None} if whole else None,
            ),
        },
        "/v1/batches/{batch_id}": {
            "get": on_one("batch", "How far a batch is."),
            "delete": on_one("cancel_batch", "Stop a batch; its record stays."),
        },
        "/v1/batches/{batch_id}/results": {
            "get": with_examples(results, answer=_result_lines(shown) if shown else None)
        },
    }


def _submit(callers: Callers, served: Sequence[Model], shown: Model | None) -> Operation:
    asked: Schema = {
        "type": "object",
        "properties": {
            "model": {"type": "string", "enum": [model.name for model in served]},
            "version": {"type": "string"},
            "instances": {"type": "array", "minItems": 1, "items": {"type": "object"}},
        },
        "required": ["instances"],
        "additionalProperties": False,
    }
    which = (
        query_parameter(name, {"type": "string"}, "Where the body is NDJSON or CSV.")
        for name in ("model", "version")
    )
    made = operation(
        "submit_batch",
        "Hand in many rows, to be answered later.",
        caller=callers.with_scope(Scope.BATCH),
        answers={202: ref("Batch")},
        errors=(*READS, 404, 409),
        body=json_body(asked) | _LINES | _CSV,
        parameters=(*which, _KEY),
    )
    accepted = made["responses"]["202"]
    accepted["links"] = _LINKS
    accepted["headers"] |= {
        "Location": {"schema": {"type": "string"}, "description": "Where its state is."},
        "Retry-After": {"schema": {"type": "string"}, "description": "Seconds."},
    }
    if shown is not None:
        row = examples.instance(shown)
        with_examples(made, body={"model": shown.name, "instances": [row]}, answer=_accepted(shown))
        content = made["requestBody"]["content"]
        content["application/x-ndjson"]["example"] = _lines([row])
        content["text/csv"]["example"] = _csv(row)
    return made


def _accepted(model: Model) -> dict[str, Any]:
    return {
        "id": examples.BATCH_ID,
        "status": "queued",
        "model_name": model.name,
        "model_version": model.version,
        "rows_total": 1,
        "rows_done": 0,
        "rows_failed": 0,
        "created_at": "2026-11-23T10:00:00Z",
        "started_at": None,
        "finished_at": None,
        "expires_at": "2026-11-30T10:00:00Z",
        "error": None,
        "rows_per_second": None,
        "estimated_finish_at": None,
    }


def _whole(model: Model) -> dict[str, Any]:
    times = {"started_at": "2026-11-23T10:00:01Z", "finished_at": "2026-11-23T10:00:02Z"}
    return {**_accepted(model), "status": "succeeded", "rows_done": 1, **times}


def _result_lines(model: Model) -> str:
    found = msgspec.to_builtins(examples.prediction(model))
    return _lines([{"index": 0, **examples.rounded(found)}])


def _lines(rows: Sequence[dict[str, Any]]) -> str:
    return "".join(f"{msgspec.json.encode(row).decode()}\n" for row in rows)


def _csv(row: dict[str, Any]) -> str:
    written = io.StringIO()
    table = csv.DictWriter(written, list(row), lineterminator="\n")
    table.writeheader()
    table.writerow(row)
    return written.getvalue()
