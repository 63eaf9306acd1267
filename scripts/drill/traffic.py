"""Predictions again and again, a few of which may be made to fail."""

import contextlib
import threading
from collections.abc import Iterator

import requests

PER_SECOND = 8.0
GOOD = {"message": "See you at noon, bring the keys"}
OTHER = {"message": "Congratulations! You have won a free iPhone."}
SLOW = {"instances": [{"message": "call me back " * 200}] * 100}


class Traffic:
    """failing: one request in five gets a deadline that nothing can meet. large: all have long rows."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/v1/predict"
        self.failing = False
        self.large = False
        self._stopping = threading.Event()

    @contextlib.contextmanager
    def running(self) -> Iterator["Traffic"]:
        threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(4)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stopping.set()

    def _run(self, number: int) -> None:
        count = number
        while not self._stopping.wait(4 / PER_SECOND):
            count += 1
            failing = self.failing and count % 5 == 0
            body = SLOW if failing or self.large else (GOOD, OTHER)[count % 2]
            headers = {"X-Request-Timeout-Ms": "1"} if failing else {}
            with contextlib.suppress(requests.RequestException):
                requests.post(self._url, json=body, headers=headers, timeout=20)
