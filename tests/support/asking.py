"""Clients that ask without pause while something else is tested, and judge every answer."""

import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

from slipway.model.loading import load

PAUSE_SECONDS = 0.01
MESSAGES = ("You have won a voucher, call 80001", "Can you bring the keys?", "ok", "WIN £500 NOW")


class Askers:
    """Threads with a connection each. Used as a context; `versions` counts right answers by version,
    `failures` says what else there was."""

    def __init__(self, url: str, clients: int = 8) -> None:
        self.versions: Counter[str] = Counter()
        self.failures: list[str] = []
        self._url = f"{url}/predict"
        self._expected: dict[tuple[str, str], dict[str, float]] = {}
        self._stopping = threading.Event()
        self._counting = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(clients)]

    def expect(self, version: str, directory: Path) -> None:
        """From now on the version may answer, and only as its files do here."""
        model = load(directory)
        for message, answer in zip(MESSAGES, _answers(model), strict=True):
            self._expected[version, message] = answer

    def _run(self, number: int) -> None:
        with requests.Session() as session:
            while not self._stopping.wait(PAUSE_SECONDS):
                message = MESSAGES[number % len(MESSAGES)]
                number += 1
                version, problem = self._ask(session, message)
                with self._counting:
                    if problem:
                        self.failures.append(problem)
                    else:
                        self.versions[version] += 1

    def _ask(self, session: requests.Session, message: str) -> tuple[str, str]:
        """The version that answered, and what was wrong."""
        try:
            answer = session.post(self._url, json={"message": message}, timeout=10)
        except requests.RequestException as wrong:
            return "", f"no answer: {wrong}"
        if answer.status_code != 200:
            return "", f"{answer.status_code}: {answer.text}"
        body = answer.json()
        version = body["model_version"]
        expected = self._expected.get((version, message))
        if expected is None or any(
            abs(body["probabilities"][label] - p) > 1e-6 for label, p in expected.items()
        ):
            return "", f"{version} does not say {body['probabilities']} of {message!r}"
        return version, ""

    def __enter__(self) -> "Askers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()


def _answers(model: Any) -> Sequence[dict[str, float]]:
    found = model.predict([{"message": message} for message in MESSAGES])
    return [dict(answer.probabilities) for answer in found]
