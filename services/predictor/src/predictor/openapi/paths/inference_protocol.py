"""The Open Inference Protocol, below /v2."""

from collections.abc import Sequence
from typing import Any

import msgspec

from predictor.inference_protocol.rows import datatype_of, tensors_of
from predictor.openapi import examples
from predictor.openapi.operations import (
    COMPUTES,
    Callers,
    Operation,
    Paths,
    json_body,
    operation,
    path_parameter,
    with_examples,
)
from predictor.openapi.schemas import Schema, ref
from slipway.core.api_keys import Scope
from slipway.model.runtime import Model

_ANYTHING: Schema = {"type": "object"}
_ERROR: Schema = ref("ProtocolError")
_MODEL = "/v2/models/{name}"


def paths(callers: Callers, served: Sequence[Model], shown: Model | None) -> Paths:
    """shown: whose rows are in the examples."""
    name = path_parameter("name", {"type": "string", "enum": [model.name for model in served]})
    known = {"examples": [shown.version]} if shown is not None else {}
    version = path_parameter("version", {"type": "string", "pattern": "^[^/]+$", **known})
    return (
        _server(callers)
        | _on_model(callers, _MODEL, "", (name,), shown)
        | _on_model(callers, f"{_MODEL}/versions/{{version}}", "_version", (name, version), shown)
    )


def _server(callers: Callers) -> Paths:
    everybody, reader = callers.everybody, callers.with_scope(Scope.PREDICT)
    listed: Schema = {"type": "array", "items": _ANYTHING}

    def get(name: str, summary: str, *errors: int) -> dict[str, Operation]:
        made = operation(
            name,
            summary,
            caller=everybody,
            answers={200: _ANYTHING},
            errors=(500, *errors),
            error=_ERROR,
        )
        return {"get": made}

    index = operation(
        "v2_index",
        "Every model.",
        caller=reader,
        answers={200: listed},
        errors=(413, 500, 503),
        error=_ERROR,
    )
    return {
        "/v2": get("v2", "Who answers.", 503),
        "/v2/health/live": get("v2_live", "For probes.", 503),
        "/v2/health/ready": get("v2_ready", "For probes.", 503),
        "/v2/repository/index": {"post": index},
    }


def _on_model(
    callers: Callers, path: str, label: str, given: tuple[Schema, ...], shown: Model | None
) -> Paths:
    caller = callers.with_scope(Scope.PREDICT)

    def get(kind: str, summary: str) -> dict[str, Operation]:
        made = operation(
            f"v2_{kind}{label}",
            summary,
            caller=caller,
            answers={200: _ANYTHING},
            errors=(404, 500, 503),
            parameters=given,
            error=_ERROR,
        )
        return {"get": made}

    infer = operation(
        f"v2_infer{label}",
        "Tensors in, tensors out.",
        caller=caller,
        answers={200: ref("InferResponse")},
        errors=COMPUTES,
        body=json_body(ref("InferRequest")),
        parameters=given,
        error=_ERROR,
    )
    if shown is not None:
        with_examples(infer, body=_infer_request(shown), answer=_infer_response(shown))
    return {
        path: get("model", "What a model takes and gives."),
        f"{path}/ready": get("model_ready", "Whether a model answers."),
        f"{path}/infer": {"post": infer},
    }


def _infer_request(model: Model) -> dict[str, Any]:
    row = examples.instance(model)
    tensors = [
        {
            "name": field.name,
            "datatype": datatype_of(field),
            "shape": [1],
            "data": [row[field.name]],
        }
        for field in model.signature.inputs
        if field.name in row
    ]
    return {"inputs": tensors}


def _infer_response(model: Model) -> dict[str, Any]:
    tensors = tensors_of([examples.prediction(model)], model.signature.output)
    outputs = [
        {"name": t.name, "datatype": t.datatype, "shape": t.shape, "data": t.values}
        for t in tensors
    ]
    return {
        "model_name": model.name,
        "model_version": model.version,
        "id": examples.REQUEST_ID,
        "parameters": {"request_id": examples.REQUEST_ID},
        "outputs": examples.rounded(msgspec.to_builtins(outputs)),
    }
