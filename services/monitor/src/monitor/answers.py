"""Answers as JSON."""

from typing import Any

import msgspec
from flask import Response

_ENCODER = msgspec.json.Encoder()


def json_response(body: Any, status: int = 200) -> Response:
    """`body`, made of builtins and structs, as an answer."""
    return Response(_ENCODER.encode(body), status, mimetype="application/json")
