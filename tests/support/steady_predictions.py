"""Predictions at a steady rate beside whatever a test does to the parts around them."""

import threading
import time
from types import TracebackType
from typing import Any, Self

import requests

_THREADS = 8
_ROW = {"message": "Congratulations! You have won a free iPhone. Call 09061234567 to claim it."}


class SteadyPredictions:
    """While it is entered: so many /v1/predict a second over kept connections, and /ready all along.

    failures: what was no 200, or no answer.
    """

    def __init__(self, url: str, per_second: float) -> None:
        self._url = url
        self._period = _THREADS / per_second
        self._over = threading.Event()
        self._threads = [
            *(threading.Thread(target=self._predict, args=(n,)) for n in range(_THREADS)),
            threading.Thread(target=self._look_whether_ready),
        ]
        self._began = time.monotonic()
        self.seconds: list[float] = []
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    @property
    def per_second(self) -> float:
        """What was reached."""
        return len(self.seconds) / (time.monotonic() - self._began)

    def _predict(self, number: int) -> None:
        due = self._began + self._period * number / _THREADS
        with requests.Session() as session:
            while not self._over.wait(max(0.0, due - time.monotonic())):
                began = time.monotonic()
                self._ask(session, "POST", "/v1/predict", json=_ROW)
                self.seconds.append(time.monotonic() - began)
                due = max(due + self._period, time.monotonic())

    def _look_whether_ready(self) -> None:
        with requests.Session() as session:
            while not self._over.wait(0.2):
                self._ask(session, "GET", "/ready")

    def _ask(self, session: requests.Session, method: str, path: str, **options: Any) -> None:
        try:
            answer = session.request(method, self._url + path, timeout=30, **options)
        except requests.RequestException as wrong:
            self.failures.append(f"{path}: {wrong}")
            return
        if answer.status_code != 200:
            self.failures.append(f"{path}: {answer.status_code} {answer.text[:200]}")
