"""How fast what is over the bounds is refused: 503s of a predictor that is asked too much.

    python -m benchmarks.overload [--seconds 5] [--rounds 3]

A predictor with one request process, few places and few seats, and a client of one thread that
watches all its connections with epoll, so that each has a core. A caller who is refused waits as
people do who obey Retry-After (a tenth of it here), so that refusals do not become the load. The
time of a refusal runs from the request's last byte handed to the kernel to the answer's first
byte read. What the client itself was late by is measured along, with the same clock: a refusal
cannot be told apart from it.
"""

import argparse
import json
import selectors
import socket
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.models import SPAM, make
from benchmarks.predictor import json_post, predictor

PLACES, SEATS = 8, 8
LARGE_ROWS = 2_000  # some 340 KB


@dataclass(frozen=True)
class Case:
    """callers: at once, of whom PLACES + SEATS find room. pause: of a refused caller, in seconds."""

    name: str
    model: str
    rows: int
    callers: int
    pause: float = 0.1


CASES = (
    Case("heavy, one row", "heavy", 1, 64),
    Case("heavy, one row, 256 callers", "heavy", 1, 256),
    Case("spam, one row, 256 callers", "spam", 1, 256),
    Case("spam, 340 KB a request", "spam", LARGE_ROWS, 32),
)


@dataclass
class Seen:
    """Seconds of each answer; how late the client's own loop was."""

    refused: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    retry_after: set[str] = field(default_factory=set)
    late: list[float] = field(default_factory=list)
    other: int = 0


class Caller:
    """One connection: sends, reads, waits where it was refused, and sends again."""

    def __init__(self, port: int, request: bytes, case: Case, seen: Seen) -> None:
        self._request, self._case, self._seen = request, case, seen
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self._left = memoryview(b"")
        self._got = b""
        self._first_byte = self._sent = 0.0
        self.wakes_at: float | None = time.perf_counter()

    @property
    def events(self) -> int:
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self._left else 0)

    def wake(self, now: float) -> None:
        assert self.wakes_at is not None
        self._seen.late.append(now - self.wakes_at)
        self.wakes_at = None
        self._left, self._got, self._first_byte = memoryview(self._request), b"", 0.0
        self.write()

    def write(self) -> None:
        try:
            self._left = self._left[self.socket.send(self._left) :]
        except BlockingIOError:
            return
        if not self._left:
            self._sent = time.perf_counter()

    def read(self, now: float) -> None:
        data = self.socket.recv(65_536)
        if not data:
            raise ConnectionError("the predictor closed a connection")
        self._first_byte = self._first_byte or now
        self._got += data
        head, separator, body = self._got.partition(b"\r\n\r\n")
        if not separator:
            return
        lines = head.decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        if len(body) == int(headers["content-length"]):
            self._note(int(lines[0].split()[1]), headers, now)

    def _note(self, status: int, headers: dict[str, str], now: float) -> None:
        # An answer may come before the last byte of a large request was taken.
        seconds = max(0.0, self._first_byte - self._sent) if self._sent else 0.0
        if status == 503:
            self._seen.refused.append(seconds)
            self._seen.retry_after.add(headers.get("retry-after", "none"))
            self.wakes_at = now + self._case.pause
        else:
            self._seen.answered.append(seconds)
            self._seen.other += status != 200
            self.wakes_at = now
        self._sent = 0.0


def ask_too_much(port: int, request: bytes, case: Case, seconds: float) -> Seen:
    """One closed loop for each caller, all on this thread."""
    seen = Seen()
    callers = [Caller(port, request, case, seen) for _ in range(case.callers)]
    with selectors.DefaultSelector() as selector:
        for caller in callers:
            selector.register(caller.socket, caller.events, caller)
        end = time.perf_counter() + seconds
        while (now := time.perf_counter()) < end:
            for caller in callers:
                if caller.wakes_at is not None and caller.wakes_at <= now:
                    caller.wake(now)
                    selector.modify(caller.socket, caller.events, caller)
            for key, events in selector.select(0.001):
                ready: Caller = key.data
                if events & selectors.EVENT_READ:
                    ready.read(time.perf_counter())
                if events & selectors.EVENT_WRITE:
                    ready.write()
                selector.modify(ready.socket, ready.events, ready)
    for caller in callers:
        caller.socket.close()
    return seen


SETTINGS = {
    "MAX_IN_FLIGHT": str(PLACES),
    "MAX_WAITING": str(SEATS),
    "MAX_INSTANCES": str(LARGE_ROWS),
}


def request_of(case: Case) -> bytes:
    row = {"message": SPAM}
    body = json.dumps(row if case.rows == 1 else {"instances": [row] * case.rows}).encode()
    return json_post(f"/v1/models/{case.model}/predict", body)


def told(case: Case, seen: Seen, seconds: float) -> str:
    refused, late = sorted(seen.refused), sorted(seen.late)
    if not refused:
        return f"{case.name}: nothing was refused"
    figures = " ".join(
        f"{name} {1000 * refused[min(len(refused) - 1, int(len(refused) * share))]:.1f}"
        for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
    )
    over = sum(each > 0.05 for each in refused)
    return (
        f"{case.name}: {len(refused)} refused ({figures} ms; {over} over 50 ms), Retry-After"
        f" {','.join(sorted(seen.retry_after))} s; {len(seen.answered) / seconds:.0f} answered/s,"
        f" {seen.other} neither; client late p99 {1000 * late[int(len(late) * 0.99)]:.1f}"
        f" max {1000 * late[-1]:.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder / "models")
        for case in CASES:
            with predictor(folder, case.model, 1, **SETTINGS) as port:
                request = request_of(case)
                ask_too_much(port, request, case, 1)
                for _ in range(chosen.rounds):
                    seen = ask_too_much(port, request, case, chosen.seconds)
                    print(told(case, seen, chosen.seconds), flush=True)


if __name__ == "__main__":
    main()
