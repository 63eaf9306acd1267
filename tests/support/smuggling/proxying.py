"""What is meant for a proxy, or for another protocol, and bodies that nobody waits for."""

from collections.abc import Iterator

from support.smuggling.pieces import (
    ATTEMPT,
    BODY,
    CHUNKED,
    CHUNKS,
    HIDDEN,
    LARGE,
    LAST,
    LENGTH,
    chunk,
    head,
)


def other_protocols() -> Iterator[tuple[str, bytes]]:
    h2c = b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"
    for name, field in {
        "h2c": b"Connection: Upgrade, HTTP2-Settings\r\n" + h2c,
        "h2c, not announced": h2c,
        "a WebSocket": b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    }.items():
        yield f"an upgrade to {name}", head(ATTEMPT, field, LENGTH) + BODY + HIDDEN
    yield "HTTP/2 without asking", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HIDDEN
    expect = b"Expect: 100-continue"
    yield "a body that waits for leave", head(ATTEMPT, expect, LENGTH) + BODY + HIDDEN
    yield (
        "a GET that expects",
        (head(ATTEMPT, expect, LENGTH, line=b"GET /v1/predict HTTP/1.1") + BODY + HIDDEN),
    )
    yield (
        "an expectation of another kind",
        (head(ATTEMPT, b"Expect: 100-continued", LENGTH) + BODY + HIDDEN),
    )


def hop_by_hop() -> Iterator[tuple[str, bytes]]:
    """Fields that a proxy is asked to leave out on its way."""
    for name in (
        b"Content-Length",
        b"Transfer-Encoding",
        b"Host",
        b"X-Request-ID",
        b"close, close",
    ):
        field = b"Connection: %s" % name
        yield f"Connection: {name.decode()}", head(ATTEMPT, field, LENGTH) + BODY + HIDDEN
        yield (
            f"Connection: {name.decode()}, chunks",
            (head(ATTEMPT, field, CHUNKED) + CHUNKS + HIDDEN),
        )


def answered_before_the_body() -> Iterator[tuple[str, bytes]]:
    """Where the answer does not need the body, what is left of it must not be read as a request."""
    inner = b"Content-Length: %d" % len(HIDDEN)
    for name, line in {
        "by nobody": b"POST /nowhere HTTP/1.1",
        "by the gateway": b"POST /metrics HTTP/1.1",
        "by a method that is not allowed": b"DELETE /v1/predict HTTP/1.1",
        "by no model": b"POST /v1/models/nothing/predict HTTP/1.1",
    }.items():
        yield f"answered {name}", head(ATTEMPT, inner, line=line) + HIDDEN
        yield f"answered {name}, chunks", (head(ATTEMPT, CHUNKED, line=line) + chunk(HIDDEN) + LAST)
        large = HIDDEN * (2 * LARGE // len(HIDDEN))
        length = b"Content-Length: %d" % len(large)
        yield f"answered {name}, 200 KB", head(ATTEMPT, length, line=line) + large
    yield (
        "a type that is not read",
        (head(ATTEMPT, inner).replace(b"application/json", b"text/rather") + HIDDEN),
    )
    huge = b"Content-Length: 2000000"
    yield "over the largest body", head(ATTEMPT, huge) + HIDDEN * (2_000_000 // len(HIDDEN) + 1)
    yield "a body that ends early", head(ATTEMPT, huge) + HIDDEN
