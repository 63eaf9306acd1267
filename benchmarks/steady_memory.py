"""Does the predictor grow? Memory, descriptors and threads of all its processes under a steady load.

    python -m benchmarks.steady_memory [--minutes 30] [--warm 12] [--share 0.6] [--model spam]

Callers with pauses ask for this share of what the same callers get without. Keys are on and events go into a
Redis. Before the minutes that count come those of the warm-up: pages that processes share since they were
forked are copied one by one, when something is first written into each. Then a straight line is laid
through the samples (least squares); its slope is given in percent of the memory an hour.
"""

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.models import make, questions
from benchmarks.ours import surroundings
from benchmarks.running import Running
from benchmarks.servers import BY_NAME, MODELS
from benchmarks.wrk import Load, load

EVERY_SECONDS = 5.0
# So many that what they wait for an answer is little beside their pauses.
CONNECTIONS = 256
WARM_SECONDS = 5.0


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
    parser.add_argument("--warm", type=float, default=12.0)
    parser.add_argument("--share", type=float, default=0.6)
    parser.add_argument("--model", default="spam")
    options = parser.parse_args()
    warm = options.warm * 60
    seconds = warm + options.minutes * 60
    make(MODELS, (options.model,))
    with tempfile.TemporaryDirectory(prefix="slipway-steady-") as name:
        nowhere = Path(os.devnull)  # a line a request fills a disk in half an hour
        more = surroundings(Path(name))
        with Running(BY_NAME["slipway"], options.model, True, more, nowhere) as running:
            body = running.body(questions(options.model, 1)[0])

            def asked(seconds: float, pause: float = 0.0) -> Load:
                return load(running.url, body, running.headers, CONNECTIONS, seconds, pause)

            asked(WARM_SECONDS)
            peak = asked(WARM_SECONDS).requests_per_second
            pause = CONNECTIONS / (options.share * peak)
            pause -= asked(WARM_SECONDS, pause).p50_ms / 1000
            if pause <= 0:
                sys.exit("The callers have no time left to pause: ask for a smaller share.")
            samples: list[Sample] = []
            over = threading.Event()
            watcher = threading.Thread(target=_watch, args=(running, over, samples))
            watcher.start()
            try:
                seen = asked(seconds, pause)
            finally:
                over.set()
                watcher.join()
    rate = seen.requests_per_second
    print(
        f"{rate * seen.seconds:.0f} requests, {rate:.0f}/s, {rate / peak:.2f} of {peak:.0f}/s; "
        f"{seen.errors} not answered 2xx; p50 {seen.p50_ms:.1f} ms, p99 {seen.p99_ms:.1f} ms"
    )
    _say([one for one in samples if one.seconds >= warm])


def _watch(running: Running, over: threading.Event, samples: list[Sample]) -> None:
    began = time.perf_counter()
    while not over.wait(EVERY_SECONDS):
        pids = running.processes()
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
