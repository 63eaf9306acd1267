"""What is not HTTP never reaches the application; it is answered in the contract's shape all the same."""

import logging
import secrets
import socket
from typing import Any

import msgspec
from gunicorn import util
from gunicorn.http.errors import ParseException
from gunicorn.workers.base import Worker

from predictor.metrics import NO_MODEL, PredictorMetrics

log = logging.getLogger(__name__)
ROUTE = "malformed"


class MalformedRequests(Worker):  # type: ignore[misc]
    """For a gunicorn worker: its own error pages, which are HTML, as JSON, logged and counted."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Called by gunicorn for a request that it could not parse, or that broke outside the application."""
        theirs = isinstance(exc, ParseException)
        status, name = (400, "InvalidInput") if theirs else (500, "InternalError")
        request_id = secrets.token_hex(16)
        fields = {"request_id": request_id, "status": status, "reason": type(exc).__name__}
        if theirs:
            log.info("malformed request", extra=fields)
        else:
            log.error("request failed", exc_info=exc, extra=fields)
        if self.app.parts is not None:
            count(self.app.parts.metrics, status)
        try:
            util.write_nonblock(client, answer(status, name, request_id))
        except OSError as gone:
            log.debug("malformed request", extra=fields | {"reason": str(gone)})


def count(metrics: PredictorMetrics, status: int) -> None:
    metrics.requests.labels(ROUTE, str(status), NO_MODEL, NO_MODEL, NO_MODEL).inc()


def answer(status: int, name: str, request_id: str) -> bytes:
    """A whole HTTP response; nothing of what was sent is repeated in it."""
    reason, message = {
        400: ("Bad Request", "This is no HTTP request that we read."),
        500: ("Internal Server Error", "Something broke here. Please name the request id."),
    }[status]
    body = msgspec.json.encode({"error": name, "message": message, "request_id": request_id})
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"X-Request-ID: {request_id}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
