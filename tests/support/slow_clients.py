"""Clients that hold a place and give little for it: headers or bodies byte by byte, or nothing at all."""

import itertools
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from types import TracebackType
from typing import Self

# Each in its own twentieth of the second, so that they are no burst.
_BYTE_SECONDS, _TURNS = 1.0, 20
_HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: slipway\r\nContent-Type: application/json\r\n"
# What each kind sends at once; then a byte a second of what follows, without an end.
KINDS: dict[str, tuple[bytes, bytes]] = {
    "headers": (_HEAD + b"A: ", b"a"),
    "body": (_HEAD + b'Content-Length: 50000\r\n\r\n{"message": "', b"a"),
    "silent": (b"", b""),
}
# More than the gateway holds back: the rest of such a body goes on to a predictor as it comes.
LARGE_BODY = {
    "large body": (_HEAD + b'Content-Length: 900000\r\n\r\n{"message": "' + b"a" * 100_000, b"a")
}


class SlowClients:
    """While it is entered: so many of them at once, of each kind as many; who is turned away comes back.

    ended: (kind, how) with how often; how is the status of the answer, or "closed" without one.
    most: connections that were open at once.
    """

    def __init__(
        self, port: int, count: int, kinds: dict[str, tuple[bytes, bytes]] | None = None
    ) -> None:
        self.ended: Counter[tuple[str, str]] = Counter()
        self.most = 0
        self._port, self._count = port, count
        self._kinds = kinds or KINDS
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(30)

    def _run(self) -> None:
        with self._selector:
            for kind in itertools.islice(itertools.cycle(self._kinds), self._count):
                self._open(kind)
            due, turn = time.monotonic(), 0
            while not self._over.is_set():
                for key, _ in self._selector.select(max(0.0, due - time.monotonic())):
                    self._read(key)
                if time.monotonic() >= due:
                    due, turn = due + _BYTE_SECONDS / _TURNS, (turn + 1) % _TURNS
                    self._dribble(turn)
            for client in self._open_ones():
                client.close()

    def _open_ones(self) -> Iterator[socket.socket]:
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                yield key.fileobj

    def _open(self, kind: str) -> None:
        client = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        client.sendall(self._kinds[kind][0])
        client.setblocking(False)
        self._selector.register(client, selectors.EVENT_READ, kind)
        self.most = max(self.most, len(self._selector.get_map()))

    def _read(self, key: selectors.SelectorKey) -> None:
        """An answer, or the end: this one is turned away, and comes back."""
        client, kind = key.fileobj, key.data
        assert isinstance(client, socket.socket)
        try:
            said = client.recv(65536)
        except ConnectionError:
            said = b""
        how = said.split(b" ", 2)[1].decode() if said.startswith(b"HTTP/1.1 ") else "closed"
        self.ended[kind, how] += 1
        self._selector.unregister(client)
        client.close()
        if not self._over.is_set():
            self._open(kind)

    def _dribble(self, turn: int) -> None:
        """From each whose turn it is."""
        for key in list(self._selector.get_map().values()):
            if key.fd % _TURNS != turn:
                continue
            client, drop = key.fileobj, self._kinds[key.data][1]
            assert isinstance(client, socket.socket)
            try:
                client.send(drop)
            except (ConnectionError, BlockingIOError):
                continue  # its end is read, or the other side takes no more
