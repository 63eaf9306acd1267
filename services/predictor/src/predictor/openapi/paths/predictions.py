"""Predictions and explanations of one model."""

from typing import Any

from predictor.openapi import examples
from predictor.openapi.operations import (
    COMPUTES,
    Callers,
    Operation,
    Paths,
    api_version_parameter,
    json_body,
    operation,
    path_parameter,
    with_examples,
)
from predictor.openapi.schemas import Schema, ref, type_name
from slipway.core.api_keys import Scope
from slipway.model.runtime import Model


def paths(callers: Callers, model: Model, *, default: bool) -> Paths:
    """default: whether it answers without being named, too."""
    name, start = model.name, type_name(model.name)
    asked = examples.instance(model)
    answers = {"predict": examples.answer(model), "explain": examples.explained_answer(model)}
    words = {"predict": f"Ask {name}.", "explain": f"Ask {name}, and why it says so."}
    schemas = {
        "predict": (f"{start}Request", f"{start}Answer"),
        "explain": (f"{start}ExplainRequest", f"{start}ExplainedAnswer"),
    }

    def post(kind: str, label: str, *parameters: Schema) -> dict[str, Operation]:
        body, answer = (ref(schema) for schema in schemas[kind])
        made = operation(
            f"{kind}_{label}",
            words[kind],
            caller=callers.with_scope(Scope.PREDICT),
            answers={200: answer},
            errors=COMPUTES,
            body=json_body(body),
            parameters=parameters,
        )
        return {"post": with_examples(made, body=asked, answer=answers[kind])}

    version: dict[str, Any] = {"type": "string", "examples": [model.version]}
    made = {
        f"/v1/models/{name}/predict": post("predict", name),
        f"/v1/models/{name}/versions/{{version}}/predict": post(
            "predict", f"{name}_version", path_parameter("version", version)
        ),
        f"/v1/models/{name}/explain": post("explain", name),
        f"/v1/models/{name}/versions/{{version}}/explain": post(
            "explain", f"{name}_version", path_parameter("version", version)
        ),
    }
    if default:
        made |= {
            "/v1/predict": post("predict", "default"),
            "/predict": post("predict", "unversioned", api_version_parameter()),
            "/v1/explain": post("explain", "default"),
        }
    return made
