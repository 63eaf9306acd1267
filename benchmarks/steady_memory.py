"""Does the predictor grow? Memory, descriptors and threads of all its processes under a steady load.

    python -m benchmarks.steady_memory [--minutes 30] [--rate 500] [--model spam]

Keys are on and events go into a Redis. After a fifth of the time, which counts as warm-up, a straight line
is laid through the samples (least squares); its slope is given in percent of the memory an hour.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.models import make, questions
from benchmarks.open_loop import open_loop, percentile
from benchmarks.ours import surroundings
from benchmarks.predictor import started
from slipway.core.machine import process_tree

EVERY_SECONDS = 5.0
CONNECTIONS = 64


@dataclass(frozen=True)
class Sample:
    """seconds: since the load began. memory: anonymous and proportional, of all processes, in bytes; pages of
    files are left out, since what a process counts of them depends on who else on the machine has them."""

    seconds: float
    memory: int
    descriptors: int
    threads: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=500.0)
    parser.add_argument("--model", default="spam")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="slipway-steady-") as name:
        folder = Path(name)
        make(folder / "models", (options.model,))
        around = surroundings(folder)
        key = around.pop("BENCH_KEY")
        settings = {k.removeprefix("SLIPWAY_"): v for k, v in around.items()} | {"AUTH": "on"}
        with started(folder, options.model, 2, **settings) as (port, process):
            samples: list[Sample] = []
            over = threading.Event()
            watcher = threading.Thread(target=_watch, args=(process.pid, over, samples))
            watcher.start()
            body = json.dumps(questions(options.model, 1)[0]).encode()
            head = (
                f"POST /v1/predict HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            seconds = options.minutes * 60
            seen = asyncio.run(
                open_loop(port, head.encode() + body, options.rate, seconds, CONNECTIONS)
            )
            over.set()
            watcher.join()
    good = seen.seconds_of(lambda one: one.status == 200)
    print(
        f"{len(good)} answered, {len(seen.answers) - len(good)} refused, {seen.unsent} not sent, "
        f"{seen.broken} broken; p50 {percentile(good, 50) * 1e3:.1f} ms, "
        f"p99 {percentile(good, 99) * 1e3:.1f} ms"
    )
    _say([one for one in samples if one.seconds >= seconds / 5])


def _watch(pid: int, over: threading.Event, samples: list[Sample]) -> None:
    began = time.perf_counter()
    while not over.wait(EVERY_SECONDS):
        pids = process_tree(pid)
        samples.append(
            Sample(
                time.perf_counter() - began,
                sum(_anonymous_bytes(one) for one in pids),
                sum(_entries(one, "fd") for one in pids),
                sum(_entries(one, "task") for one in pids),
            )
        )


def _anonymous_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:"))


def _entries(pid: int, folder: str) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/{folder}").iterdir())
    except OSError:
        return 0


def _say(samples: list[Sample]) -> None:
    times = [one.seconds for one in samples]
    memory = [float(one.memory) for one in samples]
    slope, _ = statistics.linear_regression(times, memory)
    typical = statistics.median(memory)
    minutes = range(int(times[0] // 60), int(times[-1] // 60) + 1, 5)
    each = [
        statistics.median(
            [one.memory / 1e6 for one in samples if minute <= one.seconds / 60 < minute + 5]
        )
        for minute in minutes
        if any(minute <= one.seconds / 60 < minute + 5 for one in samples)
    ]
    print("MB in each five minutes: " + ", ".join(f"{one:.1f}" for one in each))
    print(
        f"memory {typical / 1e6:.1f} MB, from {min(memory) / 1e6:.1f} to {max(memory) / 1e6:.1f}; "
        f"slope {slope * 3600 / typical * 100:+.2f} % an hour over {times[-1] - times[0]:.0f} s"
    )
    for name, values in (
        ("descriptors", [one.descriptors for one in samples]),
        ("threads", [one.threads for one in samples]),
    ):
        print(f"{name} from {min(values)} to {max(values)}, {values[0]} first, {values[-1]} last")


if __name__ == "__main__":
    main()
