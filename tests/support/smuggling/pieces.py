"""What the attempts are put together from."""

ATTEMPT, INNER, MARKER = "attempt", "inner", "marker"
MESSAGES = {
    ATTEMPT: "Congratulations! You have won a free iPhone.",
    INNER: "URGENT! Your mobile number was awarded 2000 pounds, call now",
    MARKER: "Can you bring the keys when you come home?",
}
LARGE = 100_000


def numbered(message: bytes, number: int) -> bytes:
    """With ids of its own."""
    for name in MESSAGES:
        message = message.replace(f"{name}-000".encode(), f"{name}-{number:03}".encode())
    return message


def asked(name: str, *fields: bytes) -> bytes:
    """A whole and valid prediction with this id."""
    said = body(name)
    length = b"Content-Length: %d" % len(said)
    return head(name, *fields, length) + said


def body(name: str) -> bytes:
    return b'{"message": "%s"}' % MESSAGES[name].encode()


def head(name: str, *fields: bytes, line: bytes = b"POST /v1/predict HTTP/1.1") -> bytes:
    own = b"X-Request-ID: %s-000" % name.encode()
    lines = (line, b"Host: slipway", own, b"Content-Type: application/json", *fields)
    return b"".join(each + b"\r\n" for each in lines) + b"\r\n"


def chunk(data: bytes, size: bytes | None = None) -> bytes:
    return (b"%x" % len(data) if size is None else size) + b"\r\n" + data + b"\r\n"


BODY, HIDDEN = body(ATTEMPT), asked(INNER)
LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked"
LAST = b"0\r\n\r\n"
CHUNKS = chunk(BODY) + LAST
