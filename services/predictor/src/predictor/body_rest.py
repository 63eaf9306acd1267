"""What is left of a body that was refused before it was read."""

from contextlib import suppress
from typing import Any

import gevent
from flask import Flask, Response, request
from gunicorn.http.errors import ParseException

_PIECE = 65_536
_MOST_BYTES = 16_000_000
_SECONDS = 10.0


class TooSlow(Exception):
    """The body did not arrive in time."""


def install(app: Flask) -> None:
    """After every request that Flask answers."""

    @app.after_request
    def rest(response: Response) -> Response:
        read_rest(request.environ)
        return response


def read_rest(environ: dict[str, Any]) -> None:
    """Reads it to its end before the answer is sent.

    A server that answers and closes while the caller still sends has its answer thrown away with
    the connection: the caller sees a broken pipe instead of the reason. Beyond 16 MB it may.
    """
    body: Any = environ.get("wsgi.input")
    if hasattr(body, "leave_rest"):
        body.leave_rest()  # a thread has better things to do
    elif environ.get("wsgi.input_terminated"):  # else reading on would wait for the next request
        read_away(body)


def read_away(body: Any) -> None:
    """All that comes of it within the time; the answer is sent then.

    Where it does not end well, gunicorn's body knows that it failed: the connection is closed behind
    the answer, since nobody knows where the next request begins.
    """
    left = _MOST_BYTES
    late = gevent.Timeout(_SECONDS, TooSlow("the body did not arrive in time"))
    with suppress(ParseException, TooSlow), late:
        while left > 0 and (piece := body.read(_PIECE)):
            left -= len(piece)
