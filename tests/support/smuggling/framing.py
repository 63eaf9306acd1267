"""Where a body ends: by its length, or by its chunks."""

from collections.abc import Iterator

from support.smuggling.pieces import (
    ATTEMPT,
    BODY,
    CHUNKED,
    CHUNKS,
    HIDDEN,
    LARGE,
    LAST,
    chunk,
    head,
)


def length_and_chunks() -> Iterator[tuple[str, bytes]]:
    """CL.TE and TE.CL: whoever believes the one finds a second request in what the other calls body."""
    ended = LAST + HIDDEN
    whole = b"Content-Length: %d" % len(ended)
    yield "CL.TE: the chunks end first", head(ATTEMPT, whole, CHUNKED) + ended
    yield "CL.TE, the chunks named first", head(ATTEMPT, CHUNKED, whole) + ended
    held = chunk(HIDDEN)
    short = b"Content-Length: %d" % held.index(b"POST")
    yield "TE.CL: the length ends first", head(ATTEMPT, short, CHUNKED) + held + LAST
    yield "TE.CL, the chunks named first", head(ATTEMPT, CHUNKED, short) + held + LAST
    yield "a length of nothing, and chunks", head(ATTEMPT, b"Content-Length: 0", CHUNKED) + CHUNKS
    old = b"POST /v1/predict HTTP/1.0"
    yield "HTTP/1.0 with chunks", head(ATTEMPT, CHUNKED, line=old) + CHUNKS
    kept = b"Connection: keep-alive"
    yield "HTTP/1.0 with both", head(ATTEMPT, kept, whole, CHUNKED, line=old) + ended
    yield "HTTP/1.0 kept, no length", head(ATTEMPT, kept, line=old) + HIDDEN


def hidden_chunks() -> Iterator[tuple[str, bytes]]:
    """TE.TE: a Transfer-Encoding that only some recognise, beside a length."""
    ended = LAST + HIDDEN
    whole = b"Content-Length: %d" % len(ended)
    spellings = {
        "xchunked": b"Transfer-Encoding: xchunked",
        "a space before the colon": b"Transfer-Encoding : chunked",
        "a tab before the value": b"Transfer-Encoding:\tchunked",
        "a vertical tab before the value": b"Transfer-Encoding:\x0bchunked",
        "a form feed after the value": b"Transfer-Encoding: chunked\x0c",
        "a line of its own, folded": b"Transfer-Encoding:\r\n chunked",
        "folded behind another field": b"A: b\r\n Transfer-Encoding: chunked",
        "behind a bare LF": b"A: b\nTransfer-Encoding: chunked",
        "behind a bare CR": b"A: b\rTransfer-Encoding: chunked",
        "an LF in the name": b"Transfer-Encoding\n: chunked",
        "quoted": b'Transfer-Encoding: "chunked"',
        "capitals": b"TRANSFER-ENCODING: CHUNKED",
        "an underscore": b"Transfer_Encoding: chunked",
        "a parameter": b"Transfer-Encoding: chunked;q=1",
        "twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "twice in one": b"Transfer-Encoding: chunked, chunked",
        "identity afterwards": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "identity before": b"Transfer-Encoding: identity, chunked",
        "cow afterwards": b"Transfer-Encoding: chunked, cow",
        "a comma alone": b"Transfer-Encoding: ,chunked",
        "empty": b"Transfer-Encoding:",
        "a NUL at its end": b"Transfer-Encoding: chunked\x00",
        "a byte of no letter": b"Transfer-Encod\xa1ng: chunked",
        "a no-break space": b"Transfer-Encoding: \xa0chunked",
    }
    for name, field in spellings.items():
        yield f"TE.TE, {name}", head(ATTEMPT, whole, field) + ended
        yield f"TE alone, {name}", head(ATTEMPT, field) + CHUNKS


def lengths() -> Iterator[tuple[str, bytes]]:
    n = len(BODY)
    longer = n + len(HIDDEN)
    fields = {
        "twice, the same": b"Content-Length: %d\r\nContent-Length: %d" % (n, n),
        "twice, the first is longer": b"Content-Length: %d\r\nContent-Length: %d" % (longer, n),
        "twice, the second is longer": b"Content-Length: %d\r\nContent-Length: %d" % (n, longer),
        "twice in one, the same": b"Content-Length: %d, %d" % (n, n),
        "twice in one, not the same": b"Content-Length: %d, %d" % (n, longer),
        "negative": b"Content-Length: -%d" % n,
        "with a plus": b"Content-Length: +%d" % n,
        "in hexadecimals": b"Content-Length: 0x%x" % n,
        "with a point": b"Content-Length: %d.0" % n,
        "with an exponent": b"Content-Length: %de0" % n,
        "with zeros before": b"Content-Length: 000%d" % n,
        "with an underscore in it": b"Content-Length: 0_%d" % n,
        "with a space in it": b"Content-Length: 0 %d" % n,
        "with spaces around": b"Content-Length:   %d   " % n,
        "with a space before the colon": b"Content-Length : %d" % n,
        "with an underscore in the name": b"Content_Length: %d" % n,
        "folded": b"Content-Length:\r\n %d" % n,
        "empty": b"Content-Length:",
        "in words": b"Content-Length: many",
        "one round of 64 bits more": b"Content-Length: %d" % (2**64 + n),
        "one round of 32 bits more": b"Content-Length: %d" % (2**32 + n),
        "with a NUL": b"Content-Length: %d\x00" % n,
        "in digits of another script": "Content-Length: ٤٢".encode(),
        "left out": b"Accept: */*",
    }
    for name, field in fields.items():
        yield f"a length {name}", head(ATTEMPT, field) + BODY + HIDDEN
    get = b"GET /health HTTP/1.1"
    inner = b"Content-Length: %d" % len(HIDDEN)
    yield "GET with a body", head(ATTEMPT, inner, line=get) + HIDDEN
    yield "GET with chunks", head(ATTEMPT, CHUNKED, line=get) + chunk(HIDDEN) + LAST
    yield "HEAD with a body", head(ATTEMPT, inner, line=b"HEAD /health HTTP/1.1") + HIDDEN
    yield "OPTIONS with a body", head(ATTEMPT, inner, line=b"OPTIONS / HTTP/1.1") + HIDDEN


def chunk_sizes() -> Iterator[tuple[str, bytes]]:
    begun = head(ATTEMPT, CHUNKED)
    size = b"%x" % len(BODY)
    sizes = {
        "an extension": size + b";a=b",
        "an extension that is quoted": size + b';a="b;c"',
        "an extension with a bare LF": size + b";a\nb",
        "an extension with a bare CR": size + b";a\rb",
        "a large extension": size + b";" + b"a" * LARGE,
        "zeros before": b"0000000" + size,
        "many zeros before": b"0" * 100 + size,
        "a round of 64 bits more": b"1" + size.rjust(16, b"0"),
        "a round of 32 bits more": b"1" + size.rjust(8, b"0"),
        "the largest number": b"f" * 16,
        "a minus": b"-" + size,
        "a plus": b"+" + size,
        "hexadecimals said": b"0x" + size,
        "a space before": b" " + size,
        "a space after": size + b" ",
        "a tab after": size + b"\t",
        "an underscore": b"0_" + size,
        "no digits": b"",
        "letters": b"zz",
    }
    for name, written in sizes.items():
        yield f"a chunk's size with {name}", begun + chunk(BODY, written) + LAST + HIDDEN
    yield "a chunk longer than its size", begun + chunk(BODY + HIDDEN, size) + LAST
    yield "a chunk without its end", begun + size + b"\r\n" + BODY + b"0\r\n\r\n" + HIDDEN
    yield "a chunk that ends in two others", begun + size + b"\r\n" + BODY + b"XX" + LAST + HIDDEN
    yield "a last chunk of many zeros", begun + chunk(BODY) + b"00000\r\n\r\n" + HIDDEN
    yield "no last chunk", begun + chunk(BODY)
    for name, trailer in {
        "a length": b"Content-Length: 5",
        "an id": b"X-Request-ID: inner-000",
        "a host": b"Host: elsewhere",
        "no colon": b"GET / HTTP/1.1",
        "a bare LF": b"A: b\n\n",
        "100 KB": b"A: " + b"a" * LARGE,
    }.items():
        yield f"a trailer with {name}", begun + chunk(BODY) + b"0\r\n" + trailer + b"\r\n\r\n"
