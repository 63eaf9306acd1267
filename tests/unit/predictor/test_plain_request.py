"""Which messages are plainly predictions, and that gunicorn's parser reads each of them the same."""

import pytest
from gunicorn.config import Config
from gunicorn.http import RequestParser
from hypothesis import given, settings
from hypothesis import strategies as st

from predictor.plain_request import Head, PlainRequest, may_become_plain, read_head

LINE = b"POST /v1/predict HTTP/1.1"
HOST = b"Host: service:8000"
LENGTH = b"Content-Length: 17"


def head_of(*lines: bytes) -> bytes:
    return b"\r\n".join(lines)


PLAIN = {
    "as little as can be": head_of(LINE, HOST, LENGTH),
    "unversioned": head_of(b"POST /predict HTTP/1.1", HOST, LENGTH),
    "a model": head_of(b"POST /v1/models/spam/predict HTTP/1.1", HOST, LENGTH),
    "a version": head_of(b"POST /v1/models/spam/versions/1.0.0/predict HTTP/1.1", HOST, LENGTH),
    "as requests sends it": head_of(
        LINE,
        HOST,
        b"User-Agent: python-requests/2.32",
        b"Accept-Encoding: gzip, deflate",
        b"Accept: */*",
        b"Connection: keep-alive",
        LENGTH,
        b"Content-Type: application/json",
        b"Authorization: Bearer slipway_abc",
    ),
    "no body": head_of(LINE, HOST, b"Content-Length: 0"),
    "no space behind the colon": head_of(LINE, b"Host:x", b"content-length:17"),
}
OTHERWISE = {
    "another method": head_of(b"PUT /v1/predict HTTP/1.1", HOST, LENGTH),
    "another path": head_of(b"POST /v1/explain HTTP/1.1", HOST, LENGTH),
    "an absolute target": head_of(b"POST http://x/v1/predict HTTP/1.1", HOST, LENGTH),
    "a query": head_of(b"POST /v1/predict?a=1 HTTP/1.1", HOST, LENGTH),
    "an escape in the path": head_of(b"POST /v1/models/a%20b/predict HTTP/1.1", HOST, LENGTH),
    "two spaces": head_of(b"POST  /v1/predict HTTP/1.1", HOST, LENGTH),
    "a tab": head_of(b"POST\t/v1/predict HTTP/1.1", HOST, LENGTH),
    "HTTP/1.0": head_of(b"POST /v1/predict HTTP/1.0", HOST, LENGTH),
    "no length": head_of(LINE, HOST),
    "chunks": head_of(LINE, HOST, b"Transfer-Encoding: chunked"),
    "a length and chunks": head_of(LINE, HOST, LENGTH, b"Transfer-Encoding: chunked"),
    "two lengths": head_of(LINE, HOST, LENGTH, b"Content-Length: 18"),
    "the same length twice": head_of(LINE, HOST, LENGTH, b"content-length: 17"),
    "a list of lengths": head_of(LINE, HOST, b"Content-Length: 17, 17"),
    "a negative length": head_of(LINE, HOST, b"Content-Length: -1"),
    "a length with a sign": head_of(LINE, HOST, b"Content-Length: +17"),
    "a length in hex": head_of(LINE, HOST, b"Content-Length: 0x11"),
    "an underscore in a length": head_of(LINE, HOST, b"Content-Length: 1_7"),
    "an endless length": head_of(LINE, HOST, b"Content-Length: " + b"9" * 30),
    "no host": head_of(LINE, LENGTH),
    "two hosts": head_of(LINE, HOST, b"Host: other", LENGTH),
    "any header twice": head_of(LINE, HOST, LENGTH, b"X-A: 1", b"x-a: 2"),
    "a space before the colon": head_of(LINE, HOST, b"Content-Length : 17"),
    "a name with a space": head_of(LINE, HOST, LENGTH, b"X A: 1"),
    "a name with an underscore": head_of(LINE, HOST, LENGTH, b"Content_Length: 9"),
    "no name": head_of(LINE, HOST, LENGTH, b": 1"),
    "no colon": head_of(LINE, HOST, LENGTH, b"broken"),
    "a folded line": head_of(LINE, HOST, LENGTH, b"X-A: 1", b" Transfer-Encoding: chunked"),
    "a bare line feed": head_of(LINE, HOST, LENGTH, b"X-A: 1\nTransfer-Encoding: chunked"),
    "a bare carriage return": head_of(LINE, HOST, LENGTH, b"X-A: 1\rTransfer-Encoding: chunked"),
    "a null byte": head_of(LINE, HOST, LENGTH, b"X-A: 1\x00"),
    "beyond ASCII": head_of(LINE, HOST, LENGTH, "X-A: ü".encode()),
    "an expectation": head_of(LINE, HOST, LENGTH, b"Expect: 100-continue"),
    "an upgrade": head_of(LINE, HOST, LENGTH, b"Upgrade: h2c"),
    "the end of the connection": head_of(LINE, HOST, LENGTH, b"Connection: close"),
    "a connection's option": head_of(LINE, HOST, LENGTH, b"Connection: keep-alive, x"),
    "a compressed body": head_of(LINE, HOST, LENGTH, b"Content-Encoding: gzip"),
    "more headers than anybody needs": head_of(
        LINE, HOST, LENGTH, *(b"X-%d: 1" % n for n in range(60))
    ),
}


@pytest.mark.parametrize("head", PLAIN.values(), ids=PLAIN)
def test_what_clients_send_is_plain(head: bytes) -> None:
    assert read_head(head) == read_by_gunicorn(head)
    assert read_head(head) is not None


@pytest.mark.parametrize("head", OTHERWISE.values(), ids=OTHERWISE)
def test_whatever_may_be_read_otherwise_is_left_to_gunicorn(head: bytes) -> None:
    assert read_head(head) is None


NAMES = st.one_of(
    st.sampled_from(
        ["Host", "Content-Length", "Transfer-Encoding", "Connection", "X-Request-ID", "Accept"]
    ),
    st.text("abcXYZ-_!: \t", min_size=1, max_size=8),
)
VALUES = st.one_of(
    st.sampled_from(["17", "keep-alive", "close", "chunked", "x", "", " 5 ", "1,1", "\t7"]),
    st.text(st.characters(max_codepoint=300, exclude_categories=("Cs",)), max_size=12),
)
LINES = st.lists(st.tuples(NAMES, st.sampled_from([":", ": ", " : ", ""]), VALUES), max_size=6)


@settings(max_examples=2_000, derandomize=True, deadline=None)
@given(LINES, st.sampled_from(["\r\n", "\n", "\r"]), st.integers(0, 6))
def test_what_is_read_plainly_is_read_the_same_by_gunicorn(
    lines: list[tuple[str, str, str]], odd: str, at: int
) -> None:
    ends = ["\r\n"] * (len(lines) + 2)
    ends[at % len(ends)] = odd
    texts = [LINE.decode(), "Host: x", *("".join(line) for line in lines), "Content-Length: 3"]
    head = "".join(t + e for t, e in zip(texts, [*ends, ""], strict=True)).encode("utf-8")
    read = read_head(head)
    assert read is None or read == read_by_gunicorn(head)


def test_a_message_is_given_up_as_soon_as_it_cannot_be_plain() -> None:
    assert may_become_plain(b"")
    assert may_become_plain(b"PO")
    assert may_become_plain(b"POST /v1")
    assert not may_become_plain(b"GET /")
    assert not may_become_plain(b"POST http://")
    assert not may_become_plain(b"\r\nPOST /")


def test_a_request_says_what_werkzeugs_says() -> None:
    lines = (b"Content-Type: Application/JSON; charset=utf-8", b"Accept-Encoding: br, gzip;q=0.5")
    head = read_head(head_of(LINE, HOST, LENGTH, *lines))
    assert head is not None
    request = PlainRequest(head, b"{}", {})
    assert request.mimetype == "application/json"
    assert request.accept_encodings.best_match(["gzip", "deflate"]) == "gzip"
    assert request.headers.get("content-TYPE") == lines[0].partition(b": ")[2].decode()
    assert request.headers.get("X-None", "nothing") == "nothing"
    assert (request.content_length, request.get_data()) == (2, b"{}")


def read_by_gunicorn(head: bytes) -> Head:
    """As gunicorn's parser reads it. Raises what it raises."""
    request = next(RequestParser(Config(), iter([head + b"\r\n\r\n"]), ("127.0.0.1", 1)))
    headers = {name.lower(): value for name, value in request.headers}
    assert request.method == "POST"
    assert request.version == (1, 1)
    assert len(headers) == len(request.headers)
    return Head(request.uri, headers, int(headers["content-length"]))  # type: ignore[arg-type]
