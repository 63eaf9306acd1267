"""Clients that ask while something is done to the stack, as the contract allows them to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from e2e.stack import Stack, eventually
from slipway.client import Client, Refused, Unreachable

MESSAGE = {"message": "See you at lunch"}
CLIENTS = 8
PAUSE_SECONDS = 0.02


@dataclass
class Traffic:
    """What came of it: answers by what they said, and failures as sentences."""

    answered: int = 0
    predictions: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)

    def wait_for(self, more: int, within_seconds: float = 60.0) -> None:
        """Until so many more were answered, so that what comes next happens under load."""
        wanted = self.answered + more
        eventually(lambda: self.answered, lambda count: count >= wanted, within_seconds)


@contextmanager
def traffic(stack: Stack) -> Iterator[Traffic]:
    """Eight clients, each with kept connections and a budget for repeats, until the block ends."""
    made, lock, stop = Traffic(), threading.Lock(), threading.Event()

    def ask() -> None:
        with Client(stack.url("GATEWAY", ""), budget_seconds=30.0) as client:
            while not stop.wait(PAUSE_SECONDS):
                try:
                    answer = client.predict(MESSAGE)
                except (Refused, Unreachable) as fact:
                    with lock:
                        made.failed.append(str(fact))
                else:
                    with lock:
                        made.answered += 1
                        made.predictions.add(str(answer.prediction))

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        made.wait_for(CLIENTS)
        yield made
        made.wait_for(CLIENTS)
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
