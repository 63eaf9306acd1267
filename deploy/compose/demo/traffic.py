"""Traffic for a stack that somebody looks at: predictions, explanations, mistakes, late labels, batches.

python traffic.py URL: goes on until it is told to stop. Ten predictions a second, a label for most of
them within half a minute (one in fifty wrong), a batch of 500 rows every half minute.
"""

import random
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from messages import Message, messages

from slipway.client import Client, Refused, Unreachable

SEED = 20261126
PREDICTIONS_PER_SECOND = 10.0
LABELLED_SHARE = 0.8
WRONG_LABEL_SHARE = 0.02
MISTAKE_SHARE = 0.01
EXPLAINED_SHARE = 0.02
LABEL_DELAY_SECONDS = (5.0, 30.0)
BATCH_ROWS, BATCH_EVERY_SECONDS = 500, 30.0


class Promised(NamedTuple):
    """A label that is known at `due` (monotonic seconds)."""

    due: float
    request_id: str
    label: str


def main() -> None:
    url = sys.argv[1]
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    labels: deque[Promised] = deque()
    acts = (
        (predicting(Client(url), labels), 1 / PREDICTIONS_PER_SECOND),
        (labelling(Client(url), labels), 2.0),
        (batching(Client(url)), BATCH_EVERY_SECONDS),
    )
    threads = [threading.Thread(target=repeat, args=(*act, stopping)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def repeat(act: Callable[[], None], every_seconds: float, stopping: threading.Event) -> None:
    """A service that is away or busy is asked again the next time."""
    while not stopping.wait(every_seconds):
        try:
            act()
        except (Refused, Unreachable) as fact:
            print(f"refused: {fact}", flush=True)


def predicting(client: Client, labels: deque[Promised]) -> Callable[[], None]:
    """One prediction, now and then explained or wrong; what its label will be is noted."""
    random_, texts = random.Random(SEED), messages(SEED)

    def act() -> None:
        message = next(texts)
        if random_.random() < MISTAKE_SHARE:
            client.predict({"massage": message.text})  # Refused: an unknown field
        if random_.random() < EXPLAINED_SHARE:
            client.explain({"message": message.text})
        answer = client.predict({"message": message.text})
        if random_.random() < LABELLED_SHARE:
            due = time.monotonic() + random_.uniform(*LABEL_DELAY_SECONDS)
            labels.append(Promised(due, answer.request_id, _said(message, random_)))

    return act


def labelling(client: Client, labels: deque[Promised]) -> Callable[[], None]:
    """The labels that are known by now."""

    def act() -> None:
        due = list(_taken(labels, time.monotonic()))
        if due:
            client.feedback_many([{"request_id": p.request_id, "label": p.label} for p in due])

    return act


def batching(client: Client) -> Callable[[], None]:
    """One batch, waited for, and its results read."""
    texts = messages(SEED + 1)

    def act() -> None:
        rows = [{"message": next(texts).text} for _ in range(BATCH_ROWS)]
        batch = client.wait_for_batch(client.submit_batch(rows, model="spam").id)
        done = sum(1 for _ in client.batch_results(batch.id))
        print(f"batch {batch.id}: {batch.status}, {done} rows", flush=True)

    return act


def _taken(labels: deque[Promised], now: float) -> Iterator[Promised]:
    for _ in range(len(labels)):
        promised = labels.popleft()
        if promised.due <= now:
            yield promised
        else:
            labels.append(promised)


def _said(message: Message, random_: random.Random) -> str:
    if random_.random() >= WRONG_LABEL_SHARE:
        return message.label
    return "spam" if message.label == "not_spam" else "not_spam"


if __name__ == "__main__":
    main()
