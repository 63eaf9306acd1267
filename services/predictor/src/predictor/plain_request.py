"""The prediction that nearly every client sends, read from its bytes; all else is left alone.

What is read here is a strict subset of HTTP/1.1: one of the prediction paths without escapes, each header
once and in printable ASCII, a body of known length, nothing that changes how a message ends or what
becomes of the connection. gunicorn's parser, which knows the rest, gets every other request from its
first byte on, so that two readings of one message cannot differ.
"""

import re
from typing import Any, NamedTuple

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

END_OF_HEAD = b"\r\n\r\n"
LARGEST_HEAD_BYTES = 8192
_LARGEST_FIELDS = 50
_START = b"POST /"
_NAME = rb"[A-Za-z0-9._-]+"
_HEAD = re.compile(
    rb"POST (/predict|/v1/predict|/v1/models/%b(?:/versions/%b)?/predict) HTTP/1\.1"
    rb"((?:\r\n[!#$%%&'*+.^`|~0-9A-Za-z-]+:[\t -~]*)+)" % (_NAME, _NAME)
)
_LENGTH = re.compile(r"[0-9]{1,9}")
# Whoever sends one of these asks for more than an answer to these bytes.
_OTHERWISE = frozenset(
    {
        "transfer-encoding",
        "content-encoding",
        "expect",
        "upgrade",
        "trailer",
        "te",
        "proxy-connection",
    }
)


class Headers(dict[str, str]):
    """By their names in lower case; found by any."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


class Head(NamedTuple):
    """A request line and its headers. length: of the body, in bytes."""

    path: str
    headers: Headers
    length: int


def may_become_plain(data: bytes) -> bool:
    """Whether these first bytes of a message can still be a plain prediction's."""
    return data.startswith(_START[: len(data)])


def read_head(head: bytes) -> Head | None:
    """What stands before the empty line; None where it is not plainly a prediction."""
    found = _HEAD.fullmatch(head)
    if found is None:
        return None
    lines = found[2].decode("ascii").split("\r\n")
    headers = Headers()
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip(" \t")
    if len(headers) < len(lines) - 1 or len(headers) > _LARGEST_FIELDS:
        return None
    if not _OTHERWISE.isdisjoint(headers) or "host" not in headers:
        return None
    if dict.get(headers, "connection", "keep-alive").lower() != "keep-alive":
        return None
    length = dict.get(headers, "content-length", "")
    if _LENGTH.fullmatch(length) is None:
        return None
    return Head(found[1].decode("ascii"), headers, int(length))


class PlainRequest:
    """What the steps of a prediction ask of a request, named as in werkzeug's."""

    method = "POST"

    def __init__(self, head: Head, body: bytes, environ: dict[str, Any]) -> None:
        """environ: of WSGI's, only what these steps look at."""
        self.headers = head.headers
        self.environ = environ
        self.content_length = len(body)
        self._body = body

    @property
    def mimetype(self) -> str:
        return dict.get(self.headers, "content-type", "").partition(";")[0].strip().lower()

    @property
    def accept_encodings(self) -> Accept:
        return parse_accept_header(self.headers.get("Accept-Encoding"))

    def get_data(self, *, parse_form_data: bool = False) -> bytes:
        return self._body
