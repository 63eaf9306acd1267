"""What is served here: versions, schemas and how good they are."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response

from predictor.answers import json_response
from predictor.auth import needs
from predictor.parts import parts
from predictor.serving import Served, ServedModels
from slipway.core.api_keys import Scope

bp = Blueprint("metadata", __name__)


@bp.get("/metadata")
@bp.get("/info")
@needs(Scope.PREDICT)
def metadata() -> Response:
    """The default model's name and version, and every served one with its schema and figures."""
    models = parts().models
    default = models.champions().get(models.default_name)
    body: dict[str, Any] = {
        "model_name": models.default_name,
        "model_version": default.model.version if default else None,
        "framework": _framework(default) if default else None,
        "last_trained": default.model.manifest.created_at if default else None,
        "models": {
            name: {**_describe(served), **_versions(models, name)}
            for name, served in models.champions().items()
        },
        "refused": [
            {"model_name": r.name, "model_version": r.version, "reason": r.reason}
            for r in models.refused
        ],
    }
    return json_response(body)


def _describe(served: Served) -> dict[str, Any]:
    model = served.model
    return {
        "model_version": model.version,
        "family": model.manifest.family,
        "role": served.role,
        "generation": served.generation,
        "digest": model.digest,
        "device": model.device,
        "framework": _framework(served),
        "last_trained": model.manifest.created_at,
        "labels": model.signature.output.labels,
        "input": model.signature.inputs,
        "output": model.signature.output,
        "metrics": model.metrics,
    }


def _versions(models: ServedModels, name: str) -> dict[str, Any]:
    """What else of the model is loaded here, and what was refused."""
    return {
        "versions": [
            {
                "model_version": served.model.version,
                "role": served.role,
                "generation": served.generation,
                "digest": served.model.digest,
                **_challenge(served),
            }
            for served in models.versions(name)
        ],
        "refused": [
            {"model_version": r.version, "reason": r.reason}
            for r in models.refused
            if r.name == name
        ],
    }


def _challenge(served: Served) -> dict[str, Any]:
    """Of a challenger, in how many requests it takes part, and until when."""
    if not served.challenges:
        return {}
    ends_at = served.ends_at
    until = None if ends_at is None else datetime.fromtimestamp(ends_at, UTC).isoformat()
    shadow = {"shadow_weight": served.shadow_weight} if served.shadow_weight else {}
    return {"weight": served.weight, **shadow, "expires_at": until}


def _framework(served: Served) -> str:
    """The library that runs the network, with the version it was trained on where that is known."""
    if served.model.manifest.format == "onnx":
        return "onnx"
    trained_with = served.model.lineage.get("libraries", {}).get("torch")
    return f"pytorch {trained_with}" if trained_with else "pytorch"
