"""WSGI calls that may block, on native threads, while the event loop goes on.

The loop's greenlet serves its thread: it reads the body for it and writes what it yields, since
only the loop may touch a socket. Both sides wait for each other, so that nothing piles up.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gevent.event import Event
from gevent.hub import get_hub

from predictor.admission import DrainRate
from predictor.body_rest import read_away

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Message = Callable[[], bytes | None]


class BesideLoop:
    """An application whose calls run on one of `threads` native threads, or wait for one.

    seats: how many may wait; whoever calls asks `seconds_until_room` first.
    """

    def __init__(self, application: Application, threads: int, seats: int) -> None:
        self._application = application
        self._most = threads + seats
        self._inside = 0  # counted on the loop alone
        self._drained = DrainRate()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="beside")
        self._awake = get_hub().loop.async_()  # a loop that waits for threads alone is not done
        self._awake.start(lambda: None)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        call = _Call(environ["wsgi.input"], start_response)
        environ["wsgi.input"] = _Input(call)
        self._inside += 1
        self._threads.submit(call.run, self._application, environ)
        try:
            yield from call.serve(self._leave)
        finally:
            if not call.left:
                self._leave()
            call.abandon()

    def _leave(self) -> None:
        self._inside -= 1
        self._drained.note(time.perf_counter())

    def seconds_until_room(self) -> float | None:
        """None where a call may at least wait; else how long those before it take at the measured rate."""
        if self._inside < self._most:
            return None
        return self._drained.seconds_for(self._inside, time.perf_counter())

    def stop(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._awake.stop()


class Abandoned(OSError):
    """The client went away while its answer was made."""


class _Call:
    """One request between its greenlet and its thread, which speak in turns."""

    def __init__(self, body: Any, start_response: Any) -> None:
        self.body = body
        self._start_response = start_response
        self._loop = get_hub().loop
        self._asked: deque[Callable[[], Any]] = deque()
        self._arrived = Event()
        self._over = False
        self._rest_left = False
        self.left = False
        self._failure: BaseException | None = None
        self._abandoned = threading.Event()
        self._turns: set[_Turn] = set()
        self._lock = threading.Lock()

    # On the loop.

    def serve(self, leave: Callable[[], None]) -> Iterator[bytes]:
        """Does what the thread asks for, and yields what it has to send, until it is done.

        leave: called where the thread's work is done, but not the caller's sending.
        """
        while True:
            self._arrived.wait()
            self._arrived.clear()
            while self._asked:
                chunk = self._asked.popleft()()
                if chunk is not None:
                    self._read_rest(leave)
                    yield chunk
            if self._over:
                break
        self._read_rest(leave)
        if self._failure is not None:
            raise self._failure

    def abandon(self) -> None:
        """Nobody serves the thread any more: whatever it waits for fails."""
        with self._lock:
            self._abandoned.set()
            turns = list(self._turns)
        for turn in turns:
            turn.done.set()

    def _read_rest(self, leave: Callable[[], None]) -> None:
        """Before the first byte of the answer, whose sender keeps no seat by what he does not send."""
        if self._rest_left:
            self._rest_left, self.left = False, True
            leave()
            read_away(self.body)

    # On the thread.

    def leave_rest(self) -> None:
        self._rest_left = True

    def run(self, application: Application, environ: dict[str, Any]) -> None:
        try:
            parts = application(environ, self._start)
            try:
                for part in parts:
                    self._send(part)
            finally:
                close = getattr(parts, "close", None)
                if close is not None:
                    close()
        except Abandoned:
            pass
        except BaseException as wrong:  # noqa: BLE001 - the loop raises it again, the server answers
            self._failure = wrong
        self._over = True
        self._wake()

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        self.ask(lambda: self._start_response(status, headers, exc_info) and None)

    def _send(self, part: bytes) -> None:
        turn = self._begin_turn()

        def give() -> bytes:
            turn.done.set()
            return part

        self._asked.append(give)
        self._end_turn(turn)

    def ask(self, act: Callable[[], Any]) -> Any:
        """What `act` returns, done by the loop's greenlet. Raises what it raises, or Abandoned."""
        turn = self._begin_turn()

        def do() -> None:
            try:
                turn.result = act()
            except BaseException as wrong:  # noqa: BLE001 - raised again on the thread
                turn.failure = wrong
            turn.done.set()

        self._asked.append(do)
        self._end_turn(turn)
        if turn.failure is not None:
            raise turn.failure
        return turn.result

    def _begin_turn(self) -> "_Turn":
        turn = _Turn()
        with self._lock:
            if self._abandoned.is_set():
                raise Abandoned("nobody waits for this any more")
            self._turns.add(turn)
        return turn

    def _end_turn(self, turn: "_Turn") -> None:
        self._wake()
        turn.done.wait()
        with self._lock:
            self._turns.discard(turn)
            if self._abandoned.is_set():
                raise Abandoned("nobody waits for this any more")

    def _wake(self) -> None:
        self._loop.run_callback_threadsafe(self._arrived.set)


class _Turn:
    """Something that a thread waits for."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.result: Any = None
        self.failure: BaseException | None = None


class _Input:
    """wsgi.input for the thread. reader: gunicorn's, which knows the connection."""

    def __init__(self, call: _Call) -> None:
        self._call = call
        self.reader = getattr(call.body, "reader", None)

    def read(self, size: int = -1) -> bytes:
        body = self._call.body
        found: bytes = self._call.ask(lambda: body.read(size) if size >= 0 else body.read())
        return found

    def leave_rest(self) -> None:
        """What is not read by now the loop reads, and throws away, before the answer is sent."""
        self._call.leave_rest()

    def readline(self, size: int = -1) -> bytes:
        body = self._call.body
        found: bytes = self._call.ask(lambda: body.readline(size) if size >= 0 else body.readline())
        return found

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line
