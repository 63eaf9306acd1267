"""What is served, whether it answers, and this description itself."""

from predictor.openapi.operations import Callers, Operation, Paths, api_version_parameter, operation
from predictor.openapi.schemas import Schema, ref
from slipway.core.api_keys import Scope

_HTML: Schema = {"text/html": {"type": "string"}}


def paths(callers: Callers) -> Paths:
    everybody, reader = callers.everybody, callers.with_scope(Scope.PREDICT)

    def get(
        name: str, summary: str, answers: dict[int, Schema], *errors: int
    ) -> dict[str, Operation]:
        made = operation(name, summary, caller=everybody, answers=answers, errors=(500, *errors))
        return {"get": made}

    def about(name: str, summary: str) -> dict[str, Operation]:
        made = operation(
            name,
            summary,
            caller=reader,
            answers={200: ref("Metadata")},
            errors=(400, 500, 503),
            parameters=(api_version_parameter(),),
        )
        return {"get": made}

    health, ready = {200: ref("Health")}, {200: ref("Readiness"), 503: ref("Readiness")}
    anything: dict[int, Schema] = {200: {"type": "object"}}
    return {
        "/health": get("health", "Whether the process serves.", health),
        "/live": get("live", "The same.", health),
        "/ready": get("ready", "Whether models answer.", ready),
        "/metadata": about("metadata", "What is served, and how good it is."),
        "/info": about("info", "The same."),
        "/openapi.json": get("openapi_json", "This document.", anything, 503),
        "/openapi": get("openapi", "The same.", anything, 503),
        "/docs": get("docs", "This document for people.", {200: _HTML}, 503),
        "/": get("try_it", "A page to try a model by hand.", {200: _HTML}, 503),
    }
