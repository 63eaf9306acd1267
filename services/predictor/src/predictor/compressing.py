"""Answers, compressed for who asks for it."""

import zlib
from collections.abc import Iterable, Iterator

from flask import Flask, Response, request
from werkzeug import Request

from predictor.plain_request import PlainRequest

SMALLEST_BYTES = 1024
_LEVEL = 5  # beyond it, JSON gets hardly smaller and much slower
_WINDOWS = {"gzip": 31, "deflate": 15}


def install(app: Flask) -> None:
    """Compresses each answer of a kilobyte or more, streams too, where Accept-Encoding asks for it."""

    @app.after_request
    def shrink(response: Response) -> Response:
        compress(request, response)
        return response


def compress(request: Request | PlainRequest, response: Response) -> None:
    if "Content-Encoding" in response.headers or response.direct_passthrough:
        return
    if not response.is_streamed and (response.content_length or 0) < SMALLEST_BYTES:
        return
    response.vary.add("Accept-Encoding")
    encoding = request.accept_encodings.best_match(_WINDOWS)
    if encoding is None:
        return
    response.headers["Content-Encoding"] = encoding
    if response.is_streamed:
        response.response = _stream(response.iter_encoded(), encoding)
        response.headers.pop("Content-Length", None)
    else:
        response.set_data(b"".join(_stream([response.get_data()], encoding)))


def _stream(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOWS[encoding])
    for part in parts:
        if compressed := stream.compress(part):
            yield compressed
    yield stream.flush()
