"""An open loop: requests leave at their time, whether the ones before were answered or not."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import quantiles


@dataclass
class Answered:
    """One request. at: when it was due, in seconds since the loop began. seconds: from being sent to its
    answer's last byte. late: how long after it was due it was sent, which is the client's own doing."""

    at: float
    status: int
    seconds: float
    late: float
    retry_after: bool


@dataclass
class Seen:
    """unsent: no connection was free when they were due."""

    answers: list[Answered] = field(default_factory=list)
    unsent: int = 0
    broken: int = 0

    def seconds_of(self, wanted: Callable[[Answered], bool]) -> list[float]:
        return [one.seconds for one in self.answers if wanted(one)]


async def open_loop(
    port: int, request: bytes, rate: float, seconds: float, connections: int
) -> Seen:
    """Sends `request` so many times a second over at most so many keep-alive connections."""
    seen = Seen()
    began = time.perf_counter()
    # The one that was used last comes last, so that none stays unused until the server closes it.
    free: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()
    opened = 0
    tasks: set[asyncio.Task[None]] = set()

    async def ask(due: float) -> None:
        nonlocal opened
        if free:
            reader, writer = free.popleft()
        elif opened < connections:
            opened += 1
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        else:
            seen.unsent += 1
            return
        sent = time.perf_counter()
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError):
            seen.broken += 1
            opened -= 1
            writer.close()
            return
        took = time.perf_counter() - sent
        status = int(head.split(" ", 2)[1])
        seen.answers.append(Answered(due, status, took, sent - began - due, "retry-after:" in head))
        free.append((reader, writer))

    for number in range(int(rate * seconds)):
        due = number / rate
        wait = began + due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(ask(due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    for _, writer in free:
        writer.close()
    return seen


def percentile(values: list[float], percent: int) -> float:
    """In the values' unit; NaN of fewer than two."""
    return quantiles(values, n=100)[percent - 1] if len(values) > 1 else float("nan")
