"""Callers who ask without a pause, from threads, until they are told to stop."""

import threading
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import requests


class ConstantLoad:
    """answers: how many by version. failures: everything that was no answer."""

    def __init__(
        self, url: str, callers: int, body: Callable[[int], Any], pause_seconds: float = 0.002
    ) -> None:
        """body: what the n-th question of a caller is."""
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []
        self._url = url
        self._body = body
        self._pause_seconds = pause_seconds
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._ask, args=(number,)) for number in range(callers)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        wrong: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(60)

    def taken(self) -> Counter[str]:
        """The answers so far, which are counted from 0 again."""
        with self._lock:
            answers, self.answers = self.answers, Counter()
        return answers

    def _ask(self, caller: int) -> None:
        number = 0
        with requests.Session() as session:
            while not self._stopped.wait(self._pause_seconds):
                number += 1
                self._ask_once(session, caller * 1_000_000 + number)

    def _ask_once(self, session: requests.Session, number: int) -> None:
        try:
            answer = session.post(self._url, json=self._body(number), timeout=30)
            version = answer.json()["model_version"] if answer.status_code == 200 else None
            failure = None if version else f"{answer.status_code}: {answer.text[:200]}"
        except (requests.RequestException, ValueError, KeyError) as wrong:
            version, failure = None, repr(wrong)
        with self._lock:
            if failure is not None:
                self.failures.append(failure)
            else:
                self.answers[str(version)] += 1
