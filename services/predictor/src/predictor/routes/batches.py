"""Batches: many rows at once, answered later."""

import re

from flask import Blueprint, Response, request

from predictor.answers import json_response
from predictor.auth import needs
from predictor.batching.asked import read_asked
from predictor.batching.body import Body
from predictor.parts import parts
from predictor.request_context import current
from slipway.batches.layout import ID
from slipway.batches.records import Manifest
from slipway.core.api_keys import Scope
from slipway.core.errors import InvalidInput, NotFound, Problem
from slipway.model.runtime import Model

bp = Blueprint("batches", __name__)

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
MOST_LISTED = 200


@bp.post("/v1/batches")
@needs(Scope.BATCH)
def submit() -> Response:
    """Accepts a batch; its version is fixed from now on."""
    here, context = parts(), current()
    key = idempotency_key(request.headers.get("Idempotency-Key"))
    with here.batches.place_for(request.content_length):
        here.batches.check_room()
        body = Body(request, here.settings.batch_max_body_bytes)
        asked = read_asked(request, body, here.settings, _find_model)
        context.answered_by(asked.model.name, asked.model.version, "batch")
        manifest = here.batches.accept(asked, body, key, context)
    context.rows = manifest.rows
    response = json_response(here.batches.state(manifest), 202)
    response.headers["Location"] = f"/v1/batches/{manifest.batch_id}"
    response.headers["Retry-After"] = "1"
    return response


@bp.get("/v1/batches")
@needs(Scope.BATCH)
def list_batches() -> Response:
    """The caller's own batches, newest first; `next` is the `after` of the next page."""
    desk = parts().batches
    limit, after = _limit(request.args.get("limit", "50")), request.args.get("after")
    last = _last_seen(after) if after else None
    manifests = desk.list(current(), limit + 1, last)
    shown = manifests[:limit]
    more = shown[-1].batch_id if len(manifests) > limit else None
    return json_response({"batches": [desk.state(m) for m in shown], "next": more})


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


def idempotency_key(given: str | None) -> str | None:
    """Raises InvalidInput for a key that is empty, too long or not made of visible characters."""
    if given is not None and not _IDEMPOTENCY_KEY.fullmatch(given):
        raise _wrong("Idempotency-Key", "must be 1 to 255 visible ASCII characters")
    return given


def _last_seen(batch_id: str) -> Manifest:
    """Raises InvalidInput for what is no id, NotFound for a batch that is not the caller's."""
    if not ID.fullmatch(batch_id):
        raise _wrong("after", "must be the id of a batch of yours")
    try:
        return parts().batches.find(batch_id, current())
    except NotFound:
        raise NotFound("'after' names no batch of yours.") from None


def _limit(given: str) -> int:
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:9]) <= MOST_LISTED:
        raise _wrong("limit", f"must be a whole number from 1 to {MOST_LISTED}")
    return int(given)


def _wrong(field: str, problem: str) -> InvalidInput:
    return InvalidInput(f"'{field}' {problem}.", problems=(Problem(field, problem),))


def _find_model(name: str | None, version: str | None) -> Model:
    return parts().models.find(name, version).model
