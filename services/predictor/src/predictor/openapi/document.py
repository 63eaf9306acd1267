"""The whole document, from what is served and how it is set up."""

from collections.abc import Mapping
from typing import Any

from predictor.openapi.fixed_schemas import FIXED
from predictor.openapi.objectives import IN_WORDS, OBJECTIVES
from predictor.openapi.operations import Callers, Paths
from predictor.openapi.paths import batches, feedback, inference_protocol, predictions, state
from predictor.openapi.schemas import Schema, model_schemas
from slipway.core.settings import PredictorSettings
from slipway.model.runtime import Model

# Of this description. A breaking change raises the first number, and with it the API's version.
VERSION = "1.1.0"


def make_document(models: Mapping[str, Model], settings: PredictorSettings) -> dict[str, Any]:
    """models: what is served, by name. Equal inputs give equal documents."""
    callers = Callers(settings.auth == "on")
    served = [model for _, model in sorted(models.items())]
    first = models.get(settings.default_model) or next(iter(served), None)
    schemas: dict[str, Schema] = {}
    paths: Paths = state.paths(callers)
    for model in served:
        rows = (settings.max_instances, settings.max_explained)
        schemas |= model_schemas(model.name, model.signature, *rows)
        paths |= predictions.paths(callers, model, default=model.name == settings.default_model)
    paths |= feedback.paths(callers, first)
    paths |= batches.paths(callers, served, first)
    paths |= inference_protocol.paths(callers, served, first)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Slipway predictor",
            "version": VERSION,
            "description": _description(settings),
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas | FIXED} | _security(callers),
        "x-service-objectives": OBJECTIVES,
        "x-limits": _limits(settings),
    }


def _description(settings: PredictorSettings) -> str:
    return (
        f"Predictions of trained models. {IN_WORDS} A request has at most"
        f" {settings.max_instances} instances and {settings.max_body_bytes} bytes. What a model"
        " computes may carry X-Request-Timeout-Ms: nothing is computed after it, and the answer is"
        " 504. Every request may carry X-Request-ID, and every answer does. While a new version is"
        " rolled out, the same key, else the same X-Client-ID, is answered by the same version."
    )


def _limits(settings: PredictorSettings) -> dict[str, Any]:
    """Of one request; of a key, for each replica; of a batch."""
    names = (
        *("max_body_bytes", "max_inflated_bytes", "max_instances", "max_json_depth"),
        *("max_explained", "rate_limit_per_second", "rate_limit_burst"),
        *("batch_max_rows", "batch_max_body_bytes", "batch_max_pending_rows", "batch_kept_seconds"),
    )
    return {name: getattr(settings, name) for name in names}


def _security(callers: Callers) -> dict[str, Any]:
    if not callers.keys:
        return {}
    return {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
    }
