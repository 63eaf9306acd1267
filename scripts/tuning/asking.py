"""Callers in a closed loop: each asks again as soon as it is answered, over a connection it keeps."""

import os
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tuning.questions import Question

HOST = "127.0.0.1"
# What is still unanswered so long after the end was lost.
_LONGEST_SECONDS = 30.0


@dataclass
class Heard:
    """began, ended: on time.monotonic. seconds: of each right answer.

    wrong: what else came, the first of it.
    """

    seconds: list[float] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0
    wrong: str = ""


class WrongAnswer(Exception):
    """A predictor whose answers are not the golden rows' is not measured."""


class Caller:
    """One connection, always with one request under way."""

    def __init__(self, port: int, questions: Sequence[Question], first: int) -> None:
        self.socket = socket.create_connection((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._questions, self._next = questions, first
        self._got = b""
        self.sent = 0.0

    def ask(self) -> None:
        self._question = self._questions[self._next % len(self._questions)]
        self._next += 1
        self._got = b""
        self.sent = time.monotonic()
        self.socket.sendall(self._question.request)

    def hear(self) -> bool:
        """Whether the answer is whole. Raises WrongAnswer."""
        data = self.socket.recv(65_536)
        if not data:
            raise WrongAnswer("the predictor closed a connection")
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return False
        status = head[9:12]
        if status != b"200" or not self._question.is_answered_by(body):
            raise WrongAnswer(f"{status.decode()}: {body[:200].decode('utf-8', 'replace')}")
        return True


def ask(
    port: int, questions: Sequence[Question], connections: int, seconds: float, cores: set[int]
) -> Heard:
    """Asks for so long over so many connections. cores: where this process runs from now on."""
    os.sched_setaffinity(0, cores)
    heard = Heard()
    callers = [Caller(port, questions, at) for at in range(connections)]
    try:
        with selectors.DefaultSelector() as selector:
            for caller in callers:
                selector.register(caller.socket, selectors.EVENT_READ, caller)
            _converse(callers, selector, seconds, heard)
    except (WrongAnswer, OSError) as wrong:
        heard.wrong = str(wrong)
    finally:
        for caller in callers:
            caller.socket.close()
    return heard


def _converse(
    callers: Sequence[Caller], selector: selectors.BaseSelector, seconds: float, heard: Heard
) -> None:
    heard.began = time.monotonic()
    for caller in callers:
        caller.ask()
    left = len(callers)
    while left:
        ready = selector.select(_LONGEST_SECONDS)
        if not ready:
            raise WrongAnswer(f"no answer for {_LONGEST_SECONDS:.0f} s")
        for key, _ in ready:
            answered: Caller = key.data
            if not answered.hear():
                continue
            now = time.monotonic()
            heard.seconds.append(now - answered.sent)
            if now - heard.began < seconds:
                answered.ask()
            else:
                left -= 1
    heard.ended = time.monotonic()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise WrongAnswer("an answer without a length")
