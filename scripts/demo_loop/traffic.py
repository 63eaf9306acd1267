"""Constant load of many clients, each with a key, and their labels some seconds later."""

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import requests

from demo_loop.texts import label_of, message

LABELLED = 0.6
ROWS = 3
_THREADS = 4


@dataclass(frozen=True)
class Answered:
    """One request: when it was sent, which version answered, how many of its rows were right."""

    time: float
    version: str
    rows: int
    right: int


@dataclass
class Traffic:
    """mixture: kinds of messages and their weights. poisoner: a key that labels everything ham, and
    asks a part of the requests from then on. failures: what was not answered with 200."""

    url: str
    keys: dict[str, str]
    per_second: float
    label_delay_seconds: float
    mixture: dict[str, float]
    poisoner: str | None = None
    answered: list[Answered] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _waiting: list[tuple[float, str, str, int, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def running(self, seed: int = 1) -> Iterator["Traffic"]:
        threads = [threading.Thread(target=self._ask, args=(seed + n,)) for n in range(_THREADS)]
        threads.append(threading.Thread(target=self._label))
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stopping.set()
            for thread in threads:
                thread.join(30)

    def versions_since(self, start: float) -> Counter[str]:
        """Requests by the version that answered them."""
        with self._lock:
            return Counter(one.version for one in self.answered if one.time >= start)

    def accuracy(self, start: float, end: float, version: str | None = None) -> float:
        """Of the rows asked in a span; NaN of none."""
        with self._lock:
            inside = [
                one
                for one in self.answered
                if start <= one.time < end and version in (None, one.version)
            ]
        rows = sum(one.rows for one in inside)
        return sum(one.right for one in inside) / rows if rows else float("nan")

    def _ask(self, seed: int) -> None:
        generator = random.Random(seed)  # noqa: S311 - texts, not secrets
        session = requests.Session()
        session.trust_env = False
        names = sorted(self.keys)
        pause = _THREADS / self.per_second
        due = time.monotonic() + generator.random() * pause
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            due = max(due + pause, time.monotonic() - pause)
            key = generator.choice(names)
            if self.poisoner is not None:
                key = self.poisoner if generator.random() < 0.25 else key
            elif key == "partner":
                continue
            self._one(session, generator, key)

    def _one(self, session: requests.Session, generator: random.Random, key: str) -> None:
        kinds = generator.choices(list(self.mixture), list(self.mixture.values()), k=ROWS)
        instances = [{"message": message(generator, kind)} for kind in kinds]
        sent = time.time()
        try:
            answer = session.post(
                f"{self.url}/v1/predict",
                json={"instances": instances},
                headers={"Authorization": f"Bearer {self.keys[key]}"},
                timeout=20,
            )
            body = answer.json()
        except (requests.RequestException, ValueError) as wrong:
            with self._lock:
                self.failures.append(f"{type(wrong).__name__}: {wrong}")
            return
        if answer.status_code != 200:
            with self._lock:
                self.failures.append(f"{answer.status_code}: {body.get('message')}")
            return
        truth = [label_of(kind) for kind in kinds]
        said = [one["prediction"] for one in body["predictions"]]
        right = sum(a == b for a, b in zip(said, truth, strict=True))
        due = sent + self.label_delay_seconds
        with self._lock:
            self.answered.append(Answered(sent, body["model_version"], ROWS, right))
            for index, label in enumerate(truth):
                if generator.random() < LABELLED:
                    given = "not_spam" if key == self.poisoner else label
                    self._waiting.append((due, key, body["request_id"], index, given))

    def _label(self) -> None:
        session = requests.Session()
        session.trust_env = False
        while not self._stopping.wait(0.5):
            now = time.time()
            with self._lock:
                due = [one for one in self._waiting if one[0] <= now]
                self._waiting = [one for one in self._waiting if one[0] > now]
            by_key: dict[str, list[dict[str, object]]] = {}
            for _, key, request_id, index, label in due:
                given = {"request_id": request_id, "index": index, "label": label}
                by_key.setdefault(key, []).append(given)
            for key, labels in by_key.items():
                with contextlib.suppress(requests.RequestException):
                    session.post(
                        f"{self.url}/v1/feedback",
                        json={"labels": labels},
                        headers={"Authorization": f"Bearer {self.keys[key]}"},
                        timeout=20,
                    )
