"""The one table that turns facts into HTTP, and what an error looks like."""

import logging
from math import ceil
from typing import Any

from flask import Flask, Response, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from predictor.answers import json_response
from predictor.request_context import current
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
    facts.RequestTimeout: 408,
    facts.Conflict: 409,
    facts.TooLarge: 413,
    facts.UnsupportedMediaType: 415,
    facts.RateLimited: 429,
    facts.QueueFull: 429,
    facts.Overloaded: 503,
    facts.NotReady: 503,
    facts.Unavailable: 503,
    facts.DeadlineExceeded: 504,
}


def install(app: Flask) -> None:
    """Every error of every route, the framework's own included, leaves in the contract's shape."""
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(HTTPException, answer_framework)
    app.register_error_handler(ParseException, _answer_broken_body)
    app.register_error_handler(Exception, answer_unforeseen)


def answer_refusal(refusal: Refusal) -> Response:
    """The contract's error for a fact."""
    details = [{"field": p.field, "problem": p.problem} for p in refusal.problems]
    response = error_response(STATUS[type(refusal)], refusal.name, refusal.message, details)
    if refusal.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(max(1, ceil(refusal.retry_after_seconds)))
    if isinstance(refusal, facts.Unauthorized):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def error_response(
    status: int, name: str, message: str, details: list[dict[str, str]] | None = None
) -> Response:
    context = current()
    # What the Open Inference Protocol's clients show is the field `error` alone.
    named = {"error": f"{name}: {message}", "name": name} if context.protocol else {"error": name}
    body: dict[str, Any] = {**named, "message": message, "request_id": context.request_id}
    if details:
        body["details"] = details
    context.error = name
    return json_response(body, status)


def _answer_broken_body(_: ParseException) -> Response:
    """Chunks that are none: where the next request begins is not known, so the connection ends here."""
    request.environ["wsgi.input"].reader.req.force_close()
    return answer_refusal(facts.InvalidInput("The body's chunks cannot be read."))


def answer_framework(wrong: HTTPException) -> Response:
    """What Flask and Werkzeug raise themselves: unknown paths and methods, bodies too large or broken."""
    headers = {}
    refusal: Refusal
    if isinstance(wrong, RequestEntityTooLarge):
        limit = (request.max_content_length or 1) - 1
        refusal = facts.TooLarge(f"The body has more than {limit} bytes.")
    elif wrong.code == 404:
        refusal = facts.NotFound("There is nothing at this path.")
    elif wrong.code == 405:
        methods = sorted(getattr(wrong, "valid_methods", None) or ())
        refusal = facts.MethodNotAllowed(f"This path answers {', '.join(methods)}.")
        headers["Allow"] = ", ".join(methods)
    elif wrong.code is not None and 400 <= wrong.code < 500:
        refusal = facts.InvalidInput("The request cannot be read.")
    else:
        return answer_unforeseen(wrong)
    response = answer_refusal(refusal)
    response.headers.extend(headers)
    return response


def answer_unforeseen(wrong: Exception) -> Response:
    """Our bug: the log has the traceback, the caller only the request id to name."""
    log.error(
        "request failed",
        exc_info=wrong,
        extra={"request_id": current().request_id, "reason": type(wrong).__name__},
    )
    return error_response(500, "InternalError", "Something broke here. Please name the request id.")
