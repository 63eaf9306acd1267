"""The whole document, from what is served and how it is set up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from predictor.openapi.fixed_schemas import FIXED
from predictor.openapi.operations import (
    COMPUTES,
    READS,
    Caller,
    Operation,
    json_body,
    operation,
    path_parameter,
    query_parameter,
)
from predictor.openapi.schemas import Schema, model_schemas, ref, type_name
from slipway.core.api_keys import Scope
from slipway.core.settings import PredictorSettings
from slipway.model.runtime import Model

# Of this description. A breaking change raises the first number, and with it the API's version.
VERSION = "1.0.0"
# As the alerts have them: docs/runbooks/PredictionLatencyHigh.md, PredictionErrorRateHigh.md.
P95_SECONDS = 0.5
AVAILABILITY = 0.99
_HTML = {"text/html": {"type": "string"}}

Paths = dict[str, dict[str, Operation]]


@dataclass(frozen=True)
class _Writer:
    """What every part of the document needs to know."""

    keys: bool
    default: str

    def caller(self, scope: Scope | None) -> Caller:
        return Caller(scope, self.keys)


def make_document(models: Mapping[str, Model], settings: PredictorSettings) -> dict[str, Any]:
    """models: what is served, by name. Equal inputs give equal documents."""
    write = _Writer(settings.auth == "on", settings.default_model)
    schemas: dict[str, Schema] = {}
    paths: Paths = _public(write)
    for name, model in sorted(models.items()):
        rows = (settings.max_instances, settings.max_explained)
        schemas |= model_schemas(name, model.signature, *rows)
        paths |= _predictions(write, name, model)
    paths |= _feedback(write) | _batches(write, sorted(models)) | _protocol(write)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Slipway predictor",
            "version": VERSION,
            "description": _description(settings),
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas | FIXED} | _security(write),
        "x-service-objectives": {
            "availability": AVAILABILITY,
            "p95_seconds": P95_SECONDS,
        },
        "x-limits": _limits(settings),
    }


def _description(settings: PredictorSettings) -> str:
    return (
        f"Predictions of trained models. {AVAILABILITY:.0%} of the predictions are answered without"
        f" a server error, 95 % of them within {P95_SECONDS} s. A request has at most"
        f" {settings.max_instances} instances and {settings.max_body_bytes} bytes. What a model"
        " computes may carry X-Request-Timeout-Ms: nothing is computed after it, and the answer is"
        " 504. Every request may carry X-Request-ID, and every answer does."
    )


def _limits(settings: PredictorSettings) -> dict[str, Any]:
    names = (
        *("max_body_bytes", "max_inflated_bytes", "max_instances", "max_json_depth"),
        *("max_explained", "rate_limit_per_second"),
    )
    return {name: getattr(settings, name) for name in names}


def _security(write: _Writer) -> dict[str, Any]:
    if not write.keys:
        return {}
    return {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
    }


def _public(write: _Writer) -> Paths:
    everybody, reader = write.caller(None), write.caller(Scope.PREDICT)

    def get(
        name: str, summary: str, answers: dict[int, Schema], caller: Caller
    ) -> dict[str, Operation]:
        return {"get": operation(name, summary, caller=caller, answers=answers)}

    health, ready = {200: ref("Health")}, {200: ref("Readiness"), 503: ref("Readiness")}
    anything = {200: {"type": "object"}}
    about = {200: ref("Metadata")}
    return {
        "/health": get("health", "Whether the process serves.", health, everybody),
        "/live": get("live", "The same.", health, everybody),
        "/ready": get("ready", "Whether models answer.", ready, everybody),
        "/metadata": get("metadata", "What is served, and how good it is.", about, reader),
        "/info": get("info", "The same.", about, reader),
        "/openapi.json": get("openapi_json", "This document.", anything, everybody),
        "/openapi": get("openapi", "The same.", anything, everybody),
        "/docs": get("docs", "This document for people.", {200: _HTML}, everybody),
        "/": get("try_it", "A page to try a model by hand.", {200: _HTML}, everybody),
    }


def _predictions(write: _Writer, name: str, model: Model) -> Paths:
    start = type_name(name)
    words = {"predict": f"Ask `{name}`.", "explain": f"Ask `{name}`, and why it says so."}
    example = model.signature.example()

    def post(kind: str, label: str, *parameters: Schema) -> dict[str, Operation]:
        answer = ref(f"{start}Answer" if kind == "predict" else f"{start}ExplainedAnswer")
        made = operation(
            f"{kind}_{label}",
            words[kind],
            caller=write.caller(Scope.PREDICT),
            answers={200: answer},
            errors=COMPUTES,
            body=json_body(
                ref(f"{start}Request" if kind == "predict" else f"{start}ExplainRequest")
            ),
            parameters=parameters,
        )
        made["requestBody"]["content"]["application/json"]["example"] = example
        if kind == "predict":
            content = made["responses"]["200"]["content"]["application/json"]
            content["example"] = _answer_to(model, example)
        return {"post": made}

    version = path_parameter("version", {"type": "string", "examples": [model.version]})
    paths = {
        f"/v1/models/{name}/predict": post("predict", name),
        f"/v1/models/{name}/versions/{{version}}/predict": post(
            "predict", f"{name}_version", version
        ),
        f"/v1/models/{name}/explain": post("explain", name),
    }
    if name == write.default:
        paths |= {
            "/v1/predict": post("predict", "default"),
            "/predict": post("predict", "unversioned"),
            "/v1/explain": post("explain", "default"),
        }
    return paths


def _answer_to(model: Model, instance: dict[str, Any]) -> dict[str, Any]:
    """What this model really answers to its example."""
    full = {field.name: instance.get(field.name) for field in model.signature.inputs}
    (prediction,) = model.predict([full])
    given: dict[str, Any] = _rounded(msgspec.to_builtins(prediction))
    who = {"model_name": model.name, "model_version": model.version}
    return {**given, **who, "request_id": "6f1ed002ab5595859014ebf0951522d9"}


def _rounded(value: Any) -> Any:
    """Six digits, so that the same model gives the same document on every machine."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list | tuple) else value


def _feedback(write: _Writer) -> Paths:
    made = operation(
        "feedback",
        "Say what was true.",
        caller=write.caller(Scope.FEEDBACK),
        answers={202: ref("Accepted")},
        errors=READS,
        body=json_body({"oneOf": [ref("Label"), ref("Labels")]}),
    )
    return {"/v1/feedback": {"post": made}}


def _batches(write: _Writer, names: list[str]) -> Paths:
    caller = write.caller(Scope.BATCH)
    batch_id = path_parameter("batch_id", {"type": "string", "pattern": "^[^/]+$"})
    found = (404, 409, 500, 503)
    rows = {"type": "array", "minItems": 1, "items": {"type": "object"}}
    asked = {
        "type": "object",
        "properties": {
            "model": {"type": "string", "enum": names},
            "version": {"type": "string"},
            "instances": rows,
        },
        "required": ["instances"],
        "additionalProperties": False,
    }
    lines = {"application/x-ndjson": {"type": "string"}}
    which = [
        query_parameter(name, {"type": "string"}, "Where the body is NDJSON or CSV.")
        for name in ("model", "version")
    ]
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key with the same body answers the same batch.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    }

    def on_one(name: str, summary: str, answer: Schema) -> Operation:
        return operation(
            name,
            summary,
            caller=caller,
            answers={200: answer},
            errors=found,
            parameters=(batch_id,),
        )

    return {
        "/v1/batches": {
            "post": operation(
                "submit_batch",
                "Hand in many rows, to be answered later.",
                caller=caller,
                answers={202: ref("Batch")},
                errors=(*READS, 404, 409),
                body=json_body(asked) | lines | {"text/csv": {"type": "string"}},
                parameters=(*which, key),
            ),
            "get": operation(
                "batches",
                "The caller's own batches, newest first.",
                caller=caller,
                answers={200: ref("Batches")},
                errors=(400, 500, 503),
                parameters=(
                    query_parameter("limit", {"type": "integer", "minimum": 1, "maximum": 200}),
                    query_parameter("after", {"type": "string"}),
                ),
            ),
        },
        "/v1/batches/{batch_id}": {
            "get": on_one("batch", "How far a batch is.", ref("Batch")),
            "delete": on_one("cancel_batch", "Stop a batch.", ref("Batch")),
        },
        "/v1/batches/{batch_id}/results": {
            "get": on_one("batch_results", "A finished batch's answers, a line a row.", lines)
        },
    }


def _protocol(write: _Writer) -> Paths:
    everybody, reader = write.caller(None), write.caller(Scope.PREDICT)
    name = path_parameter("name", {"type": "string", "pattern": "^[^/]+$"})
    version = path_parameter("version", {"type": "string", "pattern": "^[^/]+$"})
    anything = {"type": "object"}
    paths: Paths = {
        "/v2": {"get": operation("v2", "Who answers.", caller=everybody, answers={200: anything})},
        "/v2/repository/index": {
            "post": operation(
                "v2_index",
                "Every model.",
                caller=reader,
                answers={200: {"type": "array", "items": anything}},
                errors=(413, 500),
            )
        },
    }
    for word in ("live", "ready"):
        paths[f"/v2/health/{word}"] = {
            "get": operation(
                f"v2_{word}",
                "For probes.",
                caller=everybody,
                answers={200: anything},
                errors=(500, 503),
            )
        }
    for base, given in (
        ("/v2/models/{name}", (name,)),
        ("/v2/models/{name}/versions/{version}", (name, version)),
    ):
        label = "_version" if version in given else ""
        for tail, kind, summary in (
            ("", "model", "What a model takes and gives."),
            ("/ready", "model_ready", "Whether a model answers."),
        ):
            paths[base + tail] = {
                "get": operation(
                    f"v2_{kind}{label}",
                    summary,
                    caller=reader,
                    answers={200: anything},
                    errors=(404, 500, 503),
                    parameters=given,
                )
            }
        paths[f"{base}/infer"] = {
            "post": operation(
                f"v2_infer{label}",
                "Tensors in, tensors out.",
                caller=reader,
                answers={200: ref("InferResponse")},
                errors=COMPUTES,
                body=json_body(ref("InferRequest")),
                parameters=given,
            )
        }
    return paths
