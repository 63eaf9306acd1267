"""Callers in a closed loop, against a small server that answers as it is told."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tuning.asking import HOST, Heard, ask
from tuning.questions import Question

REQUEST = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{}"


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Callers leave in the middle of an answer where one was wrong."""


@contextmanager
def answering(body: bytes, status: int = 200) -> Iterator[int]:
    """The port of a server that says the same again and again."""

    class Same(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = Server((HOST, 0), Same)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def heard(port: int, expected: str | float) -> Heard:
    return ask(port, [Question(REQUEST, expected)], 3, 0.1, os.sched_getaffinity(0))


def test_each_caller_asks_again_once_it_is_answered() -> None:
    with answering(b'{"prediction": "spam", "confidence": 0.9}') as port:
        found = heard(port, "spam")
    assert found.wrong == ""
    assert len(found.seconds) > 3
    assert found.ended - found.began >= 0.1


def test_a_number_is_right_within_the_tolerance_of_golden_rows() -> None:
    with answering(b'{"prediction": 100.001}') as port:
        assert heard(port, 100.0).wrong == ""
        assert "100.001" in heard(port, 101.0).wrong


def test_another_answer_than_expected_ends_the_asking_and_is_told() -> None:
    with answering(b'{"prediction": "not_spam"}') as port:
        assert heard(port, "spam").wrong == '200: {"prediction": "not_spam"}'


def test_a_refusal_is_no_answer() -> None:
    with answering(b'{"error": "Overloaded"}', 503) as port:
        assert heard(port, "spam").wrong == '503: {"error": "Overloaded"}'
