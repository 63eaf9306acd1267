"""Around every request: its id, its metrics and its one log line."""

import logging
import time

from flask import Flask, Response, request
from werkzeug import Request

from predictor.answers import Answer
from predictor.metrics import PredictorMetrics
from predictor.parts import Parts
from predictor.parts import hold as hold_parts
from predictor.plain_request import PlainRequest
from predictor.request_context import ARRIVED, RequestContext, current, hold, new_context
from slipway.core.logs import log_fields

log = logging.getLogger("predictor.request")

# By its own account who calls: what a canary is sticky by where keys are switched off.
CLIENT_ID = "X-Client-ID"

# Refused for want of room or time, not for what was asked.
SHED = frozenset(
    {"RateLimited", "QueueFull", "Overloaded", "NotReady", "Unavailable", "DeadlineExceeded"}
)


def install(app: Flask, parts: Parts) -> None:
    """Counts each request once, in the metrics and in the log, with the same duration."""

    @app.before_request
    def start() -> None:
        rule = None if request.url_rule is None else request.url_rule.rule
        begin(parts, request, rule)

    @app.after_request
    def count(response: Response) -> Response:
        finish(parts.metrics, request, response, current())
        return response

    @app.teardown_request
    def stop(_: BaseException | None) -> None:
        leave(parts.metrics)


def begin(parts: Parts, request: Request | PlainRequest, rule: str | None) -> RequestContext:
    """From here on the request in hand is known. rule: the URL rule that it met."""
    headers = request.headers
    context = new_context(
        headers.get("X-Request-ID"),
        headers.get("traceparent"),
        request.environ.get(ARRIVED),
        headers.get(CLIENT_ID),
    )
    path = request.environ.get("PATH_INFO", "")
    context.protocol = path == "/v2" or path.startswith("/v2/")
    if rule is not None:
        context.route = route_label(rule)
    hold_parts(parts)
    hold(context)
    parts.metrics.in_flight.inc()
    return context


def finish(
    metrics: PredictorMetrics,
    request: Request | PlainRequest,
    response: Answer,
    context: RequestContext,
) -> None:
    """The answer is made: its headers, its figures, its line in the log."""
    duration = time.perf_counter() - context.began
    _set_headers(response, context)
    who = (context.model, context.version, context.role)
    metrics.answered(context.route, response.status_code, who, duration)
    if context.queue_seconds is not None:
        metrics.of(who).queue.observe(context.queue_seconds)
    if context.error in SHED:
        metrics.shed.labels(context.error).inc()
    _log(request, response, context, duration)


def leave(metrics: PredictorMetrics) -> None:
    """The last step of every request, whatever became of it."""
    metrics.in_flight.dec()


def route_label(rule: str) -> str:
    """A URL rule as people write it: /v1/models/{name}/predict."""
    return rule.replace("<", "{").replace(">", "}")


def _set_headers(response: Answer, context: RequestContext) -> None:
    response.headers["X-Request-ID"] = context.request_id
    if context.traceparent:
        response.headers["traceparent"] = context.traceparent
    if context.compute_seconds is not None:
        queue = (context.queue_seconds or 0.0) * 1000
        compute = context.compute_seconds * 1000
        response.headers["Server-Timing"] = f"queue;dur={queue:.3f}, compute;dur={compute:.3f}"


def _log(
    request: Request | PlainRequest, response: Answer, context: RequestContext, duration: float
) -> None:
    fields: dict[str, object] = {
        "request_id": context.request_id,
        "method": request.method,
        "route": context.route,
        "status": response.status_code,
        "duration_seconds": duration,
        "request_bytes": request.content_length or 0,
        "response_bytes": response.content_length or 0,
    }
    if context.traceparent:
        fields["trace_id"] = context.traceparent.split("-")[1]
    if context.key_id is not None:
        fields["key_id"] = context.key_id
    if context.model:
        fields |= {"model": context.model, "version": context.version, "role": context.role}
    if context.rows:
        fields |= {"rows": context.rows, "outcomes": context.outcomes}
    if context.error:
        fields["error"] = context.error
    log_fields(log, "request", fields)
