"""The one table that turns facts into HTTP, and what an error looks like."""

import logging

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from monitor.answers import json_response
from slipway.core import errors as facts
from slipway.core.errors import Refusal

log = logging.getLogger(__name__)

STATUS: dict[type[Refusal], int] = {
    facts.InvalidJSON: 400,
    facts.InvalidInput: 400,
    facts.Unauthorized: 401,
    facts.Forbidden: 403,
    facts.NotFound: 404,
    facts.ModelNotFound: 404,
    facts.MethodNotAllowed: 405,
    facts.TooLarge: 413,
    facts.UnsupportedMediaType: 415,
    facts.Unavailable: 503,
}


def install(app: Flask) -> None:
    """Every error of every route, the framework's own included, leaves in the contract's shape."""
    app.register_error_handler(Refusal, _answer_refusal)
    app.register_error_handler(HTTPException, _answer_framework)
    app.register_error_handler(Exception, _answer_unforeseen)


def _answer_refusal(refusal: Refusal) -> Response:
    response = json_response(
        {"error": refusal.name, "message": refusal.message}, STATUS[type(refusal)]
    )
    if isinstance(refusal, facts.Unauthorized):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _answer_framework(wrong: HTTPException) -> Response:
    """What Flask and Werkzeug raise themselves."""
    code = wrong.code or 500
    if code == 404:
        return _answer_refusal(facts.NotFound("There is nothing at this path."))
    if code == 405:
        return _answer_refusal(facts.MethodNotAllowed("This path answers other methods."))
    if code == 413:
        return _answer_refusal(facts.TooLarge("The body is larger than the monitor reads."))
    if 400 <= code < 500:
        return _answer_refusal(facts.InvalidInput("The request cannot be read."))
    return _answer_unforeseen(wrong)


def _answer_unforeseen(wrong: Exception) -> Response:
    """Our bug: the log has the traceback."""
    log.error("request failed", exc_info=wrong, extra={"reason": type(wrong).__name__})
    return json_response(
        {"error": "InternalError", "message": "Something broke here; the log says what."}, 500
    )
