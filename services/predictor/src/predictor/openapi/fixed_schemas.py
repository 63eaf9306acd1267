"""Schemas that are the same whatever is served."""

from typing import Any

from predictor.inference_protocol.tensors import DATATYPES

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}


def _object(required: list[str], /, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": required}


def _nullable(kind: str) -> Schema:
    return {"type": [kind, "null"]}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_LABEL: Schema = {
    **_object(
        ["request_id", "label"],
        request_id={
            **TEXT,
            "pattern": "^[A-Za-z0-9._:/+=@-]{1,128}$",
            "description": "Of the prediction that the label belongs to.",
        },
        label={
            "anyOf": [
                {**TEXT, "minLength": 1, "maxLength": 256},
                {"type": "number", "minimum": -(2**53), "maximum": 2**53},
            ]
        },
        index={**_nullable("integer"), "minimum": 0, "maximum": 2**31 - 1},
        instance={**_nullable("object"), "description": "The input itself, where it may be kept."},
    ),
    "additionalProperties": False,
    "examples": [{"request_id": "6f1ed002ab5595859014ebf0951522d9", "label": "spam"}],
}
_PARAMETERS = _nullable("object")


def _tensor(parameters: Schema) -> Schema:
    return _object(
        ["name", "datatype", "shape"],
        name=TEXT,
        datatype={**TEXT, "description": f"One of {', '.join(sorted(DATATYPES))}."},
        shape=_array(COUNT),
        data=_array({}),
        parameters=parameters,
    )


_ERROR_DETAILS = _array(_object(["field", "problem"], field=TEXT, problem=TEXT))
_EXAMPLE_ERROR = {
    "error": "InvalidInput",
    "message": "Field 'message' is required.",
    "request_id": "6f1ed002ab5595859014ebf0951522d9",
    "details": [{"field": "message", "problem": "is required"}],
}

FIXED: dict[str, Schema] = {
    "Error": {
        **_object(
            ["error", "message", "request_id"],
            error={**TEXT, "description": "A stable name, such as InvalidInput."},
            message=TEXT,
            request_id=TEXT,
            details=_ERROR_DETAILS,
        ),
        "examples": [_EXAMPLE_ERROR],
    },
    "ProtocolError": _object(
        ["error", "name", "message", "request_id"],
        error={
            **TEXT,
            "description": "`name: message`, since the protocol's clients show this field alone.",
        },
        name={**TEXT, "description": "A stable name, such as InvalidInput."},
        message=TEXT,
        request_id=TEXT,
        details=_ERROR_DETAILS,
    ),
    "Health": _object(["status"], status={**TEXT, "enum": ["ok"]}),
    "Readiness": _object(
        ["status", "models"],
        status={**TEXT, "enum": ["starting", "ready", "draining"]},
        models={"type": "object", "additionalProperties": TEXT},
        redis=TEXT,
        store=TEXT,
        refused=_array(TEXT),
    ),
    "Metadata": _object(
        ["model_name", "model_version", "framework", "last_trained", "models"],
        model_name=TEXT,
        model_version=_nullable("string"),
        framework=_nullable("string"),
        last_trained=_nullable("string"),
        models={"type": "object", "additionalProperties": {"type": "object"}},
        refused=_array({"type": "object"}),
    ),
    "Explanation": _object(
        ["method", "base", "contributions"],
        method=TEXT,
        base={"type": "number", "description": "The score of an input that says nothing."},
        score={"type": "number"},
        label=TEXT,
        contributions=_array(
            _object(
                ["field", "contribution"],
                field=TEXT,
                contribution={"type": "number"},
                start=COUNT,
                end=COUNT,
                text=TEXT,
                value={"type": ["string", "number"]},
            )
        ),
    ),
    "Label": _LABEL,
    "Labels": {
        **_object(
            ["labels"],
            labels={
                "type": "array",
                "minItems": 1,
                "maxItems": 1000,
                "items": {"$ref": "#/components/schemas/Label"},
            },
        ),
        "additionalProperties": False,
    },
    "Accepted": _object(["accepted"], accepted=COUNT),
    "Batch": _object(
        ["id", "status", "model_name", "model_version", "rows_total", "rows_done", "rows_failed"],
        id=TEXT,
        status={
            **TEXT,
            "enum": ["queued", "running", "succeeded", "failed", "cancelled", "expired"],
        },
        model_name=TEXT,
        model_version=TEXT,
        rows_total=COUNT,
        rows_done=COUNT,
        rows_failed=COUNT,
        created_at=_nullable("string"),
        started_at=_nullable("string"),
        finished_at=_nullable("string"),
        expires_at=TEXT,
        error=_nullable("string"),
        rows_per_second=_nullable("number"),
        estimated_finish_at=_nullable("string"),
    ),
    "Batches": _object(
        ["batches"],
        batches=_array({"$ref": "#/components/schemas/Batch"}),
        next=_nullable("string"),
    ),
    "InferRequest": _object(
        ["inputs"],
        id={**_nullable("string"), "maxLength": 256},
        inputs=_array(_tensor(_PARAMETERS)),
        outputs=_array(_object(["name"], name=TEXT, parameters=_PARAMETERS)),
        parameters=_PARAMETERS,
    ),
    "InferResponse": _object(
        ["model_name", "model_version", "id", "outputs"],
        model_name=TEXT,
        model_version=TEXT,
        id=TEXT,
        outputs=_array(_tensor({"type": "object"})),
        parameters={"type": "object"},
    ),
}
