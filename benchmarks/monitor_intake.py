"""How the monitor keeps up: events a second, lag, memory.

    python benchmarks/monitor_intake.py [--rate 2000] [--events 500000] [--core 1]

Starts a Redis and a monitor of its own; the monitor may use one core only. Every 50,000 events it
prints how far the log is behind and what the serving process holds in memory (RSS). One label
comes for every ten events. Drift is evaluated all along, every 15 s, on nine features.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from sqlalchemy import create_engine, func, select

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from monitor.prediction_log.tables import predictions
from slipway.core.contracts.events import Event
from support.monitor_process import RunningMonitor
from support.monitored import a_label, an_event, put_events, put_labels
from support.redis_server import RedisServer
from support.references import put_alias, put_version, reference_body
from support.waiting import wait_until

FEATURES = ("characters", "words", "word_length", "digits", "capitals", "punctuation", "other")
ROUND_SECONDS = 0.05
REPORT_EVERY = 50_000


def features(generator: random.Random) -> dict[str, float | str | None]:
    numbers: dict[str, float | str | None] = {n: generator.gauss(10.0, 3.0) for n in FEATURES}
    return numbers | {"town": generator.choice("abcdef"), "age": generator.randrange(90) * 1.0}


def event(number: int, generator: random.Random) -> Event:
    likely = generator.uniform(0.5, 1.0)
    return an_event(
        f"publisher-{number}",
        request_id=f"{number:032x}",
        time=time.time(),
        digest="0" * 64,
        prediction="spam" if number % 4 else "not_spam",
        probabilities={"spam": likely, "not_spam": 1 - likely}
        if number % 4
        else {"spam": 1 - likely, "not_spam": likely},
        features=features(generator),
    )


def stored(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(select(func.max(predictions.c.id))) or 0
    engine.dispose()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=2_000, help="events a second")
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--core", type=int, default=1, help="the one that the monitor may use")
    parser.add_argument("--database-url", default="", help="default: a SQLite file")
    chosen = parser.parse_args()
    generator = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "redis").mkdir()
        redis_server = RedisServer(root / "redis")
        rows = [features(generator) for _ in range(3_000)]
        put_version(root / "monitor/models", "spam", "1.0.0", reference=reference_body(rows))
        put_alias(root / "monitor/models", "spam", 1, "1.0.0")
        settings = {"SLIPWAY_REDIS_URL": redis_server.url}
        if chosen.database_url:
            settings["SLIPWAY_DATABASE_URL"] = chosen.database_url
        monitor = RunningMonitor(root / "monitor", settings).wait_until_ready()
        process = psutil.Process(monitor.serving_process())
        for thread in process.threads():
            os.sched_setaffinity(thread.id, {chosen.core})
        try:
            feed(chosen, redis_server, monitor, process, generator)
        finally:
            monitor.stop()
            redis_server.stop()


def feed(
    chosen: argparse.Namespace,
    redis_server: RedisServer,
    monitor: RunningMonitor,
    process: psutil.Process,
    generator: random.Random,
) -> None:
    redis = redis_server.client()
    step = max(1, round(chosen.rate * ROUND_SECONDS))
    began, put, memory = time.monotonic(), 0, {}
    print("events    put/s   behind   rss MB   cpu s")
    while put < chosen.events:
        batch = [event(put + i + 1, generator) for i in range(step)]
        put_events(redis, *batch)
        tenth = [e for i, e in enumerate(batch) if i % 10 == 0]
        put_labels(redis, *(a_label(e.event_id, request_id=e.request_id) for e in tenth))
        put += step
        if put % REPORT_EVERY < step:
            took = time.monotonic() - began
            memory[put] = process.memory_info().rss / 1e6
            behind = put - stored(monitor.database_url)
            cpu = sum(process.cpu_times()[:2])
            print(
                f"{put:7}  {put / took:7.0f}  {behind:7}  {memory[put]:7.1f}  {cpu:6.1f}",
                flush=True,
            )
        ahead = began + put / chosen.rate - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
    wait_until(lambda: stored(monitor.database_url) >= put, seconds=120)
    took = time.monotonic() - began
    after = {n: mb for n, mb in memory.items() if n >= 100_000}
    slope = np.polyfit(list(after), list(after.values()), 1)[0] * 100_000 if len(after) > 1 else 0.0
    print(f"all {put} stored after {took:.1f} s: {put / took:.0f} events/s")
    print(f"memory slope after the first 100,000: {slope:.2f} MB per 100,000 events")


if __name__ == "__main__":
    main()
