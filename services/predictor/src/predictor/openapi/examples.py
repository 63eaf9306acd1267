"""Examples that are real: what this model takes, and what it answers to that."""

from typing import Any

import msgspec

from slipway.model.prediction import Prediction
from slipway.model.runtime import Model
from slipway.model.signature import Instance

REQUEST_ID = "6f1ed002ab5595859014ebf0951522d9"
BATCH_ID = "0c8f5e0d27a94f3f8c0c6d1b7c1fbb5e"


def instance(model: Model) -> Instance:
    return model.signature.example()


def answer(model: Model) -> dict[str, Any]:
    """What the model answers to its example."""
    given: dict[str, Any] = rounded(msgspec.to_builtins(prediction(model)))
    return {**given, **_who(model)}


def explained_answer(model: Model) -> dict[str, Any]:
    """The same with what it is made of."""
    (explanation,) = model.explain([_row(model)])
    return {**answer(model), "explanation": rounded(msgspec.to_builtins(explanation))}


def prediction(model: Model) -> Prediction:
    (found,) = model.predict([_row(model)])
    return found


def _row(model: Model) -> Instance:
    given = instance(model)
    return {field.name: given.get(field.name) for field in model.signature.inputs}


def _who(model: Model) -> dict[str, Any]:
    return {
        "model_name": model.name,
        "model_version": model.version,
        "request_id": REQUEST_ID,
    }


def rounded(value: Any) -> Any:
    """Six digits, so that the same model gives the same document on every machine."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list | tuple) else value
