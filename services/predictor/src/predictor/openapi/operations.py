"""One route each: what it takes, what it answers, whom it answers."""

from dataclasses import dataclass
from typing import Any

from predictor.openapi.schemas import Schema, ref

Operation = dict[str, Any]

_ERRORS = {
    400: "Not JSON, or not what this route takes.",
    401: "No key, or one that nobody knows.",
    403: "The key lacks the scope.",
    404: "There is no such thing here.",
    409: "The thing is in another state.",
    413: "The body, its inflated size or its number of rows is too large.",
    415: "A media type or encoding that is not read here.",
    429: "The key calls more often than it may, or the queue is full.",
    500: "Our bug; the request id names it.",
    503: "Shed at once, not ready, or a part that this route needs is away.",
    504: "The caller's time ran out.",
}
_WITH_RETRY = (429, 503)
_RETRY = {
    "Retry-After": {"schema": {"type": "string"}, "description": "Seconds."},
}
COMPUTES = (400, 404, 413, 415, 500, 503, 504)
READS = (400, 413, 415, 500, 503)


@dataclass(frozen=True)
class Caller:
    """Whom a route answers. scope: None for everybody. keys: whether keys are switched on."""

    scope: str | None
    keys: bool


def operation(
    name: str,
    summary: str,
    *,
    caller: Caller,
    answers: dict[int, Schema],
    errors: tuple[int, ...] = (500,),
    body: dict[str, Schema] | None = None,
    parameters: tuple[Schema, ...] = (),
) -> Operation:
    """answers, body: the content by media type, or a schema for JSON."""
    responses = {str(status): _answer(content) for status, content in answers.items()}
    statuses = set(errors)
    if caller.scope is not None:
        statuses |= {401, 403, 429} if caller.keys else {429}
    for status in sorted(statuses):
        responses[str(status)] = _error(status)
    made: Operation = {"operationId": name, "summary": summary, "responses": responses}
    if caller.scope is not None and caller.keys:
        made["security"] = [{"bearer": []}, {"header": []}]
        made["description"] = f"Needs a key with the scope `{caller.scope}`."
    if parameters:
        made["parameters"] = list(parameters)
    if body is not None:
        made["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": schema} for kind, schema in body.items()},
        }
    return made


def json_body(schema: Schema) -> dict[str, Schema]:
    return {"application/json": schema}


def _answer(content: Schema) -> dict[str, Any]:
    media = content if any("/" in name for name in content) else {"application/json": content}
    return {
        "description": "Answered.",
        "headers": {"X-Request-ID": {"schema": {"type": "string"}}},
        "content": {kind: {"schema": schema} for kind, schema in media.items()},
    }


def _error(status: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": _ERRORS[status],
        "content": {"application/json": {"schema": ref("Error")}},
    }
    if status in _WITH_RETRY:
        found["headers"] = _RETRY
    return found


def query_parameter(name: str, schema: Schema, description: str = "") -> Schema:
    words = {"description": description} if description else {}
    return {"name": name, "in": "query", **words, "schema": schema}


def path_parameter(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}
