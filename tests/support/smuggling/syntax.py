"""Request lines, line ends and headers that are not as they should be."""

from collections.abc import Iterator

from support.smuggling.pieces import (
    ATTEMPT,
    BODY,
    CHUNKED,
    CHUNKS,
    HIDDEN,
    LARGE,
    LENGTH,
    asked,
    head,
)


def request_lines() -> Iterator[tuple[str, bytes]]:
    lines = {
        "tabs": b"POST\t/v1/predict\tHTTP/1.1",
        "two spaces": b"POST  /v1/predict  HTTP/1.1",
        "a space at the end": b"POST /v1/predict HTTP/1.1 ",
        "a word too many": b"POST /v1/predict HTTP/1.1 HTTP/1.1",
        "no version": b"POST /v1/predict",
        "a version of the past": b"POST /v1/predict HTTP/0.9",
        "a version of the future": b"POST /v1/predict HTTP/1.9",
        "the version of another protocol": b"POST /v1/predict HTTP/2.0",
        "small letters": b"POST /v1/predict http/1.1",
        "a method in small letters": b"post /v1/predict HTTP/1.1",
        "a method of another kind": b"P(O)ST /v1/predict HTTP/1.1",
        "a space in the path": b"POST /v1/predict /health HTTP/1.1",
        "a fragment": b"POST /v1/predict#/metrics HTTP/1.1",
        "a NUL in the path": b"POST /v1/predict\x00 HTTP/1.1",
        "a bare CR in the path": b"POST /v1/\rpredict HTTP/1.1",
        "line ends in the path": b"POST /v1/predict%0d%0aHost:%20elsewhere HTTP/1.1",
        "bytes of no ASCII in the path": b"POST /v1/\xff\xfe HTTP/1.1",
        "a path without its slash": b"POST v1/predict HTTP/1.1",
        "two slashes": b"POST //v1/predict HTTP/1.1",
        "a way up": b"POST /v1/../metrics HTTP/1.1",
        "a way up, encoded": b"POST /v1/%2e%2e/metrics HTTP/1.1",
        "100 KB": b"POST /" + b"a" * LARGE + b" HTTP/1.1",
        "CONNECT": b"CONNECT slipway:80 HTTP/1.1",
        "TRACE": b"TRACE /v1/predict HTTP/1.1",
        "OPTIONS *": b"OPTIONS * HTTP/1.1",
    }
    for name, line in lines.items():
        yield f"a request line with {name}", head(ATTEMPT, LENGTH, line=line) + BODY
    yield "no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200))


def hosts() -> Iterator[tuple[str, bytes]]:
    fields = {
        "two, the same": b"Host: slipway",
        "two, not the same": b"Host: elsewhere",
        "two, one folded": b"A: b\r\n Host: elsewhere",
        "two, one with a space before the colon": b"Host : elsewhere",
    }
    for name, field in fields.items():
        yield f"hosts: {name}", head(ATTEMPT, field, LENGTH) + BODY
    for name, value in {
        "none": b"",
        "empty": b"Host:\r\n",
        "a list": b"Host: slipway, elsewhere\r\n",
        "a path": b"Host: slipway/../elsewhere\r\n",
        "somebody at it": b"Host: slipway:80@elsewhere\r\n",
        "a port of letters": b"Host: slipway:http\r\n",
        "a space in it": b"Host: slipway elsewhere\r\n",
    }.items():
        yield f"host: {name}", head(ATTEMPT, LENGTH).replace(b"Host: slipway\r\n", value) + BODY
    for name, target in {
        "another host": b"http://elsewhere/v1/predict",
        "another scheme": b"gopher://slipway/v1/predict",
        "somebody at it": b"http://slipway@elsewhere/v1/predict",
        "no path": b"http://slipway",
    }.items():
        line = b"POST %s HTTP/1.1" % target
        yield f"absolute form, {name}", head(ATTEMPT, LENGTH, line=line) + BODY


def line_ends() -> Iterator[tuple[str, bytes]]:
    valid = asked(ATTEMPT)
    first, _, body = valid.partition(b"\r\n\r\n")
    lf = first.replace(b"\r\n", b"\n")
    yield "bare LF everywhere", lf + b"\n\n" + body
    yield "bare LF at the end of the head", first + b"\n\n" + body
    yield "LF CR LF at the end of the head", first + b"\n\r\n" + body
    yield "bare CR everywhere", first.replace(b"\r\n", b"\r") + b"\r\r" + body
    yield "CR CR LF", first.replace(b"\r\n", b"\r\r\n") + b"\r\r\n\r\r\n" + body
    yield "a bare CR in a value", head(ATTEMPT, b"A: b\rc", LENGTH) + BODY
    yield "a request behind a bare LF", head(ATTEMPT, b"A: b\n\n" + HIDDEN, LENGTH) + BODY
    yield "empty lines before", b"\r\n\r\n" + valid
    yield "bare LFs before", b"\n\n" + valid
    yield "a space before", b" " + valid
    yield "bare LFs between the chunks", head(ATTEMPT, CHUNKED) + CHUNKS.replace(b"\r\n", b"\n")


def headers() -> Iterator[tuple[str, bytes]]:
    fields = {
        "folded": b"A: b\r\n c",
        "folded with a tab": b"A: b\r\n\tc",
        "a space before the colon": b"A : b",
        "a space before the name": b" A: b",
        "no colon": b"A",
        "no name": b": b",
        "a NUL in the value": b"A: b\x00c",
        "a NUL in the name": b"A\x00: b",
        "a space in the name": b"A B: c",
        "parentheses in the name": b"A(B): c",
        "a control character in the value": b"A: b\x01c",
        "bytes of no UTF-8": b"A: \xff\xfe",
        "two ids": b"X-Request-ID: another",
        "an id with a quote": b'X-Request-ID: "},{"',
        "forwarded twice": b"X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2",
    }
    for name, field in fields.items():
        yield f"a header with {name}", head(ATTEMPT, field, LENGTH) + BODY
    first = head(ATTEMPT, LENGTH).replace(b"Host:", b" Host:", 1)
    yield "the first header after a space", first + BODY


def too_large() -> Iterator[tuple[str, bytes]]:
    large = b"a" * LARGE
    for name, field in {
        "a value of 100 KB": b"A: " + large,
        "a name of 100 KB": large + b": b",
        "2,000 of them": b"\r\n".join(b"A%d: b" % n for n in range(2000)),
        "100 KB, folded": b"A: b" + b"\r\n b" * (LARGE // 4),
        "60 KB, which the gateway just takes": b"A: " + large[:60_000],
        "20 KB": b"A: " + large[:20_000],
        "150 of them": b"\r\n".join(b"A%d: b" % n for n in range(150)),
    }.items():
        yield f"headers: {name}", head(ATTEMPT, field, LENGTH) + BODY + HIDDEN
