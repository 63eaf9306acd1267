"""The Open Inference Protocol's routes, below /v2."""

from typing import Any

from flask import Blueprint, Response, request

from predictor.answering import Answer, answer_or_let_answer, answer_rows
from predictor.answers import json_response
from predictor.auth import needs, public
from predictor.gate import computes
from predictor.inference_protocol.infer_request import InferRequest, read_request
from predictor.inference_protocol.infer_response import chosen_outputs, encode
from predictor.inference_protocol.metadata import EXTENSIONS, describe
from predictor.inference_protocol.rows import instances_of, tensors_of
from predictor.parts import parts
from predictor.reading import body_of
from predictor.request_context import RequestContext, current
from predictor.serving import Served
from slipway import __version__
from slipway.core.api_keys import Scope
from slipway.core.errors import NotReady
from slipway.model.signature import Instance

bp = Blueprint("inference_protocol", __name__, url_prefix="/v2")
HEADER_LENGTH = "Inference-Header-Content-Length"


@bp.get("")
@bp.get("/")
@public
def server() -> Response:
    """Who answers, and what it can beyond the protocol's core."""
    return json_response({"name": "slipway", "version": __version__, "extensions": EXTENSIONS})


@bp.get("/health/live")
@public
def live() -> Response:
    """200 while the process serves."""
    return json_response({"live": True})


@bp.get("/health/ready")
@public
def ready() -> Response:
    """200 once models answer."""
    here = parts()
    if here.draining or not here.models.ready:
        raise NotReady("The models are not loaded, or this process is about to stop.")
    return json_response({"ready": True})


@bp.get("/models/<name>")
@bp.get("/models/<name>/versions/<version>")
@needs(Scope.PREDICT)
def model(name: str, version: str | None = None) -> Response:
    """A model's inputs and outputs."""
    models = parts().models
    found = models.find(name, version).model
    return json_response(describe(found, [each.model.version for each in models.versions(name)]))


@bp.get("/models/<name>/ready")
@bp.get("/models/<name>/versions/<version>/ready")
@needs(Scope.PREDICT)
def model_ready(name: str, version: str | None = None) -> Response:
    """200 where the model answers."""
    found = parts().models.find(name, version).model
    return json_response({"name": found.name, "version": found.version, "ready": True})


@bp.post("/repository/index")
@needs(Scope.PREDICT)
def index() -> Response:
    """Every model here, and the versions that were refused."""
    models = parts().models
    served = [
        {"name": name, "version": each.model.version, "state": "READY", "reason": ""}
        for name in models.champions()
        for each in models.versions(name)
    ]
    refused = [
        {"name": r.name, "version": r.version, "state": "UNAVAILABLE", "reason": r.reason}
        for r in models.refused
    ]
    return json_response(served + refused)


@bp.post("/models/<name>/infer")
@bp.post("/models/<name>/versions/<version>/infer")
@needs(Scope.PREDICT)
@computes
def infer(name: str, version: str | None = None) -> Response:
    """Tensors in, tensors out."""
    here, context = parts(), current()
    served = here.models.find(name, version)
    context.answered_by(served.model.name, served.model.version, served.answering_role)
    body = body_of(request, here.settings)
    length = request.headers.get(HEADER_LENGTH)
    asked = read_request(body, length, here.settings.max_json_depth)
    _shorten_deadline(context, asked.timeout_seconds)
    instances = instances_of(asked, served.model.signature, here.settings.max_instances)
    answer = _infer(served, instances, pinned=version is not None)
    output = answer.served.model.signature.output
    outputs = chosen_outputs(asked, tensors_of(answer.predictions, output), output.labels)
    return _answer(*encode(_head(answer.served, asked, context), outputs))


def _infer(served: Served, instances: list[Instance], *, pinned: bool) -> Answer:
    """Protocol: a first dimension of 0 is answered with empty outputs."""
    if not instances:
        return Answer(served, [])
    if pinned:
        return Answer(served, answer_rows(served, instances))
    return answer_or_let_answer(served, instances)


def _shorten_deadline(context: RequestContext, timeout_seconds: float | None) -> None:
    if timeout_seconds is not None:
        asked = context.began + timeout_seconds
        context.deadline = asked if context.deadline is None else min(asked, context.deadline)


def _head(served: Served, asked: InferRequest, context: RequestContext) -> dict[str, Any]:
    """id: the caller's own, else the request's. request_id: what a label comes back with."""
    return {
        "model_name": served.model.name,
        "model_version": served.model.version,
        "id": asked.request_id or context.request_id,
        "parameters": {"request_id": context.request_id},
    }


def _answer(body: bytes, json_bytes: int | None) -> Response:
    if json_bytes is None:
        return Response(body, mimetype="application/json")
    response = Response(body, mimetype="application/octet-stream")
    response.headers[HEADER_LENGTH] = str(json_bytes)
    return response
