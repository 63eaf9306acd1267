"""Batches: many rows at once, answered later."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request

from predictor.answers import json_response
from predictor.auth import needs
from predictor.parts import parts
from predictor.reading import read_body
from predictor.request_context import current
from slipway.batches.rows import bad_row, good_row
from slipway.core.api_keys import Scope
from slipway.core.errors import InvalidInput, Problem
from slipway.model.signature import Signature
from slipway.model.validation import checked_instance, kind_of

bp = Blueprint("batches", __name__)


@bp.post("/v1/batches")
@needs(Scope.BATCH)
def submit() -> Response:
    """Accepts a batch; its version is fixed from now on."""
    here, context = parts(), current()
    body = read_body(request, here.settings)
    if not isinstance(body, dict):
        raise InvalidInput(f"The body must be a JSON object, not {kind_of(body)}.")
    model = here.models.find(body.get("model"), body.get("version")).model
    context.model, context.version = model.name, model.version
    lines = _lines(model.signature, _instances(body))
    manifest = here.batches.accept(model, lines, context.key_id)
    context.rows = manifest.rows
    response = json_response(here.batches.state(manifest), 202)
    response.headers["Location"] = f"/v1/batches/{manifest.batch_id}"
    response.headers["Retry-After"] = "1"
    return response


@bp.get("/v1/batches/<batch_id>")
@needs(Scope.BATCH)
def status(batch_id: str) -> Response:
    """How far a batch is."""
    desk = parts().batches
    return json_response(desk.state(desk.find(batch_id, current())))


@bp.get("/v1/batches/<batch_id>/results")
@needs(Scope.BATCH)
def results(batch_id: str) -> Response:
    """A finished batch's answers, a line a row, in input order."""
    desk = parts().batches
    pieces = desk.results(desk.find(batch_id, current()))
    return Response(pieces, mimetype="application/x-ndjson")


@bp.delete("/v1/batches/<batch_id>")
@needs(Scope.BATCH)
def cancel(batch_id: str) -> Response:
    """Stops a batch between two chunks."""
    desk = parts().batches
    manifest = desk.find(batch_id, current())
    desk.cancel(manifest)
    return json_response(desk.state(manifest))


def _instances(body: dict[str, Any]) -> list[Any]:
    for name in body:
        if name not in ("model", "version", "instances"):
            raise InvalidInput(f"Field '{name}' is not known here.")
    values = body.get("instances")
    if not isinstance(values, list) or not values:
        problem = "must be an array with at least one row"
        raise InvalidInput(
            f"Field 'instances' {problem}.", problems=(Problem("instances", problem),)
        )
    return values


def _lines(signature: Signature, values: list[Any]) -> Iterator[bytes]:
    """Each row as it is stored: validated, or with what is wrong with it."""
    for value in values:
        try:
            yield good_row(checked_instance(signature, value))
        except InvalidInput as wrong:
            yield bad_row(wrong)
