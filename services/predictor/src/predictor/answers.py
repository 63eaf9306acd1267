"""Answers as JSON."""

from collections.abc import Iterable
from typing import Any

import msgspec
from flask import Response

from predictor.compressing import SMALLEST_BYTES

_ENCODER = msgspec.json.Encoder()
_JSON = "application/json"


def json_response(body: Any, status: int = 200) -> Response:
    """`body`, made of builtins and structs, as an answer."""
    return Response(_ENCODER.encode(body), status, mimetype=_JSON)


class PlainAnswer:
    """A good answer too small to be compressed; what the last steps ask of it is named as in werkzeug's."""

    status = "200 OK"
    status_code = 200

    def __init__(self, body: bytes) -> None:
        self.headers = {"Content-Type": _JSON}
        self._body = body

    @property
    def content_length(self) -> int:
        return len(self._body)

    def get_data(self) -> bytes:
        return self._body

    def __call__(self, _: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(
            self.status, [*self.headers.items(), ("Content-Length", str(len(self._body)))]
        )
        return (self._body,)


Answer = Response | PlainAnswer


def small_or_any(body: Any) -> Answer:
    """As json_response, without what only larger answers need."""
    encoded = _ENCODER.encode(body)
    if len(encoded) < SMALLEST_BYTES:
        return PlainAnswer(encoded)
    return Response(encoded, 200, mimetype=_JSON)
