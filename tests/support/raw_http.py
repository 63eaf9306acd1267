"""HTTP as bytes: what no client library would send, and the answers one by one."""

import contextlib
import json
import socket
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """headers: by name in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def request_id(self) -> str | None:
        return self.headers.get("x-request-id")

    @property
    def json(self) -> Any:
        """What the body says; None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def exchange(port: int, request: bytes, patience_seconds: float = 0.5) -> bytes:
    """Sends everything and returns what came back until the other side closed.

    patience_seconds: of silence, after which it is said that no more will come.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        received = bytearray()
        # One that is refused early may be closed before it was sent whole.
        with contextlib.suppress(ConnectionError):
            client.sendall(request)
        client.settimeout(patience_seconds)
        with contextlib.suppress(ConnectionError):
            try:
                while piece := client.recv(65536):
                    received += piece
            except TimeoutError:
                received += _after_the_end(client)
    return bytes(received)


def _after_the_end(client: socket.socket) -> bytes:
    client.settimeout(20)
    client.shutdown(socket.SHUT_WR)
    return b"".join(iter(lambda: client.recv(65536), b""))


def answers_in(received: bytes, to: bytes) -> list[Answer]:
    """The answers to these requests, one after the other. Raises ValueError for anything that is none."""
    found: list[Answer] = []
    while received:
        bodiless = not found and to.startswith(b"HEAD ")
        answer, received = _first(received, bodiless)
        if answer.status != 100:
            found.append(answer)
    return found


def _first(received: bytes, bodiless: bool) -> tuple[Answer, bytes]:
    head, separator, rest = received.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    if not separator or not line.startswith("HTTP/1."):
        raise ValueError(f"no answer: {received[:200]!r}")
    headers = {
        name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)
    }
    status = int(line.split(" ")[1])
    if headers.get("transfer-encoding") == "chunked":
        body, rest = _chunks(rest)
    elif status == 100 or bodiless:
        body = b""
    else:
        length = int(headers.get("content-length", len(rest)))
        body, rest = rest[:length], rest[length:]
    return Answer(status, headers, body), rest


def _chunks(rest: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body, rest = body + rest[:length], rest[length + 2 :]
        if not length:
            return body, rest
