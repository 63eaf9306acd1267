"""A model's input and output as JSON Schema: exactly what validation takes."""

import re
from typing import Any

from slipway.model.signature import Field, Signature
from slipway.model.validation import LARGEST_INTEGER

Schema = dict[str, Any]
_TYPES = {
    "text": "string",
    "category": "string",
    "number": "number",
    "integer": "integer",
    "tensor": "array",
}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def type_name(model: str) -> str:
    """A model's name as the beginning of its schemas' names: house_prices → HousePrices."""
    return "".join(word.capitalize() for word in re.split(r"[_-]", model))


def instance_schema(signature: Signature) -> Schema:
    """One row."""
    return {
        "type": "object",
        "properties": {field.name: field_schema(field) for field in signature.inputs},
        "required": [field.name for field in signature.inputs if field.required],
        "additionalProperties": False,
        "examples": [signature.example()],
    }


def field_schema(field: Field) -> Schema:
    kind = _TYPES[field.type]
    schema: Schema = {"type": kind if field.required else [kind, "null"]}
    words = (field.description, f"Unit: {field.unit}." if field.unit else "")
    if any(words):
        schema["description"] = " ".join(filter(None, words))
    if kind == "string":
        schema |= _string_limits(field)
    elif kind == "array":
        schema |= _array(field, field.shape)
    else:
        schema |= _number_limits(field)
    if field.example is not None:
        schema["examples"] = [field.example]
    return schema


def _string_limits(field: Field) -> Schema:
    limits: Schema = {"minLength": field.min_length, "maxLength": field.max_length}
    if field.min_length:
        limits["pattern"] = NOT_BLANK
    if field.allowed is not None:
        limits["enum"] = [*field.allowed, *([] if field.required else [None])]
    return {name: limit for name, limit in limits.items() if limit is not None}


def _array(field: Field, shape: tuple[int, ...]) -> Schema:
    """Below `type: array` itself."""
    inner = {"type": "number", **_number_limits(field)}
    if len(shape) > 1:
        inner = {"type": "array", **_array(field, shape[1:])}
    return {"minItems": shape[0], "maxItems": shape[0], "items": inner}


def _number_limits(field: Field) -> Schema:
    whole = field.type == "integer"
    low = field.minimum if field.minimum is not None else (-LARGEST_INTEGER if whole else None)
    high = field.maximum if field.maximum is not None else (LARGEST_INTEGER if whole else None)
    limits = {"minimum": low, "maximum": high}
    return {name: limit for name, limit in limits.items() if limit is not None}


def prediction_schema(signature: Signature) -> Schema:
    """One row's answer."""
    output = signature.output
    if output.kind == "regression":
        bounds = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
        unit = f" In {output.unit}." if output.unit else ""
        number = {"type": "number", "description": f"The predicted number.{unit}"}
        return _object({"prediction": number, "interval": bounds}, ["prediction"])
    share = {"type": "number", "minimum": 0, "maximum": 1}
    labels = list(output.labels)
    return _object(
        {
            "prediction": {"type": "string", "enum": labels},
            "confidence": {**share, "description": "The predicted label's probability."},
            "probabilities": _object(dict.fromkeys(labels, share), labels),
        },
        ["prediction", "confidence", "probabilities"],
    )


# A character that Python counts as no white space; \s alone differs between regular expressions.
NOT_BLANK = "[^\\s\\u001c-\\u001f\\u0085]"

WHO: Schema = {
    "model_name": {"type": "string"},
    "model_version": {"type": "string"},
    "request_id": {"type": "string", "description": "What a true label comes back with."},
}


def model_schemas(
    name: str, signature: Signature, max_instances: int, max_explained: int
) -> dict[str, Schema]:
    """A model's schemas by name."""
    start = type_name(name)
    prediction = prediction_schema(signature)
    explained = _extended(prediction, {"explanation": ref("Explanation")})
    one = ref(f"{start}Instance")
    fewer = _several(one, max_explained)
    return {
        f"{start}Instance": instance_schema(signature),
        f"{start}Instances": _several(one, max_instances),
        f"{start}Request": {"oneOf": [one, ref(f"{start}Instances")]},
        f"{start}ExplainRequest": {"oneOf": [one, fewer]},
        f"{start}Prediction": prediction,
        f"{start}Answer": answer_schema(prediction, ref(f"{start}Prediction")),
        f"{start}ExplainedAnswer": answer_schema(explained, explained),
    }


def _several(instance: Schema, most: int) -> Schema:
    rows = {"type": "array", "minItems": 1, "maxItems": most, "items": instance}
    return {**_object({"instances": rows}, ["instances"]), "additionalProperties": False}


def answer_schema(prediction: Schema, row: Schema) -> Schema:
    """One instance's answer, or several under `predictions`."""
    several = {"predictions": {"type": "array", "items": row}, **WHO}
    return {"anyOf": [_extended(prediction, WHO), _object(several, list(several))]}


def _extended(schema: Schema, properties: dict[str, Schema]) -> Schema:
    return _object({**schema["properties"], **properties}, [*schema["required"], *properties])


def _object(properties: dict[str, Schema], required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required}
