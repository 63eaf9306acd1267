"""One route each: what it takes, what it answers, whom it answers."""

from dataclasses import dataclass
from typing import Any

from predictor.openapi.schemas import Schema, ref
from predictor.versions import VERSIONS

Operation = dict[str, Any]
Paths = dict[str, dict[str, Operation]]

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
_TEXT: Schema = {"schema": {"type": "string"}}
_ALWAYS = {"X-Request-ID": _TEXT, "X-API-Version": _TEXT}
_RETRY = {"Retry-After": {**_TEXT, "description": "Seconds."}}
_CHALLENGE = {"WWW-Authenticate": _TEXT}
_TIMING = {
    "Server-Timing": {**_TEXT, "description": "How long it waited and was computed, in ms."},
}
_ERROR: Schema = ref("Error")
COMPUTES = (400, 404, 413, 415, 500, 503, 504)
READS = (400, 413, 415, 500, 503)


@dataclass(frozen=True)
class Caller:
    """Whom a route answers. scope: None for everybody. keys: whether keys are switched on."""

    scope: str | None
    keys: bool


@dataclass(frozen=True)
class Callers:
    """keys: whether keys are switched on."""

    keys: bool

    @property
    def everybody(self) -> Caller:
        return Caller(None, self.keys)

    def with_scope(self, scope: str) -> Caller:
        return Caller(scope, self.keys)


def operation(
    name: str,
    summary: str,
    *,
    caller: Caller,
    answers: dict[int, Schema],
    errors: tuple[int, ...] = (500,),
    body: dict[str, Schema] | None = None,
    parameters: tuple[Schema, ...] = (),
    error: Schema = _ERROR,
) -> Operation:
    """answers, body: the content by media type, or a schema for JSON. error: what all errors are."""
    timed = _TIMING if 504 in errors else {}
    responses = {str(status): _answer(content, timed) for status, content in answers.items()}
    statuses = set(errors)
    if caller.scope is not None:
        statuses |= {401, 403, 429} if caller.keys else {429}
    for status in sorted(statuses):
        responses[str(status)] = _failure(status, error)
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


def _answer(content: Schema, headers: dict[str, Schema]) -> dict[str, Any]:
    media = content if any("/" in name for name in content) else {"application/json": content}
    return {
        "description": "Answered.",
        "headers": _ALWAYS | headers,
        "content": {kind: {"schema": schema} for kind, schema in media.items()},
    }


def _failure(status: int, schema: Schema) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": _ERRORS[status],
        "headers": dict(_ALWAYS),
        "content": {"application/json": {"schema": schema}},
    }
    if status in _WITH_RETRY:
        found["headers"] |= _RETRY
    if status == 401:
        found["headers"] |= _CHALLENGE
    return found


def with_examples(made: Operation, *, body: Any = None, answer: Any = None) -> Operation:
    """The same operation, with an example of its JSON body and of its answer."""
    if body is not None:
        made["requestBody"]["content"]["application/json"]["example"] = body
    if answer is not None:
        good = next(found for status, found in made["responses"].items() if status < "3")
        (media,) = good["content"].values()
        media["example"] = answer
    return made


def query_parameter(name: str, schema: Schema, description: str = "") -> Schema:
    words = {"description": description} if description else {}
    return {"name": name, "in": "query", **words, "schema": schema}


def path_parameter(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def api_version_parameter() -> Schema:
    """Of unversioned routes whose answer may differ between versions."""
    return {
        "name": "X-API-Version",
        "in": "header",
        "description": "The version of the API to be answered by; the newest where it is missing.",
        "schema": {"type": "string", "enum": [version.number for version in VERSIONS]},
    }
