"""Predictions: of the default model, of a named one, of one version."""

from typing import Any

from flask import Blueprint, Response, request
from werkzeug import Request

from predictor.answering import answer_or_let_answer, answer_rows
from predictor.answers import json_response
from predictor.auth import needs
from predictor.gate import computes
from predictor.parts import parts
from predictor.plain_request import PlainRequest
from predictor.reading import read_instances
from predictor.request_context import RequestContext, current
from predictor.serving import Served
from predictor.versions import versioned
from slipway.core.api_keys import Scope
from slipway.model.prediction import Prediction

bp = Blueprint("predict", __name__)


@versioned(bp, "/predict")
@needs(Scope.PREDICT)
@computes
def predict() -> Response:
    """The default model."""
    return answer(request, parts().models.find(), pinned=False)


@bp.post("/v1/models/<name>/predict")
@needs(Scope.PREDICT)
@computes
def predict_with(name: str) -> Response:
    """A model by name."""
    return answer(request, parts().models.find(name), pinned=False)


@bp.post("/v1/models/<name>/versions/<version>/predict")
@needs(Scope.PREDICT)
@computes
def predict_with_version(name: str, version: str) -> Response:
    """One version of a model."""
    return answer(request, parts().models.find(name, version), pinned=True)


def answer(request: Request, served: Served, *, pinned: bool) -> Response:
    """As `answered`, as JSON."""
    return json_response(answered(request, served, pinned=pinned))


def answered(request: Request | PlainRequest, served: Served, *, pinned: bool) -> dict[str, Any]:
    """Reads the instances of the request in hand, scores them, and says which version answered.

    pinned: by this version, whatever its role; else a canary may answer for it.
    """
    here, context = parts(), current()
    context.answered_by(served.model.name, served.model.version, served.answering_role)
    asked = read_instances(request, served.model.signature, here.settings)
    if pinned:
        predictions = answer_rows(served, asked.instances)
    else:
        predictions = answer_or_let_answer(served, asked.instances).predictions
    return answer_body(predictions, asked.several, context)


def answer_body(
    predictions: list[Prediction], several: bool, context: RequestContext
) -> dict[str, Any]:
    """One answer, or several in order, and which version gave them."""
    who = {
        "model_name": context.model,
        "model_version": context.version,
        "request_id": context.request_id,
    }
    if several:
        return {"predictions": predictions, **who}
    only = predictions[0]
    given = {name: getattr(only, name) for name in only.__struct_fields__}
    return {name: value for name, value in given.items() if value is not None} | who
