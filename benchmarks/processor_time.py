"""python -m benchmarks.processor_time: what a prediction costs in processor time, and whether a pod of one
core answers as many as that promises; writes scripts/scaling/measured.json, which docs/scaling.md is made of.

The shipped spam model, two request processes, keys, events into a Redis, metrics and log lines on. Time is
utime + stime of every process of the predictor, over the requests that wrk counted.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cells import WrongAnswer, check_answers
from benchmarks.machine import described
from benchmarks.models import loaded, questions
from benchmarks.ours import surroundings
from benchmarks.ports import free_port
from benchmarks.running import Running
from benchmarks.servers import BY_NAME, REPOSITORY, Command
from benchmarks.wrk import load

MODEL = "spam"
SHIPPED = REPOSITORY / "models"
MEASURED = REPOSITORY / "scripts" / "scaling" / "measured.json"
CONNECTIONS = 64
# What the callers with pauses ask for at most, of what they get without.
BUSY = 0.6
PREDICTOR_CORE, CALLER_CORE = 0, 1
Figures = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed (Debian and others package it under this name).")
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as name:
        found = measured(Path(name), chosen.rounds, chosen.seconds)
    found |= {"machine": described(), "when": datetime.now(UTC).date().isoformat()}
    MEASURED.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


def measured(folder: Path, rounds: int, seconds: float) -> dict[str, Any]:
    """full: as many as 64 callers without a pause get; busy: the same with pauses, so that cores are idle
    at times; one_core: without again, the predictor held on one core and wrk on the other."""
    more = surroundings(folder)
    with serving(folder, more, ()) as running:
        full = [_asked(running, seconds) for _ in range(rounds)]
        rate = median(one["requests_per_second"] for one in full)
        pause = CONNECTIONS / (BUSY * rate)
        busy = [_asked(running, seconds, pause) for _ in range(rounds)]
    held = ("taskset", "--cpu-list", str(PREDICTOR_CORE))
    with serving(folder, more, held) as running, _on_core(CALLER_CORE):
        one_core = [_asked(running, seconds) for _ in range(rounds)]
    return {"full": _middle(full), "busy": _middle(busy), "one_core": _middle(one_core)}


@contextmanager
def serving(folder: Path, more: dict[str, str], prefix: tuple[str, ...]) -> Iterator[Running]:
    """The predictor as it is shipped, its answers right, and warm. Raises WrongAnswer."""
    server = replace(BY_NAME["slipway"], command=_shipped(prefix))
    right = [
        {"prediction": one.prediction, "confidence": one.confidence}
        for question in questions(MODEL)
        for one in loaded(SHIPPED, MODEL).predict([question])
    ]
    with Running(server, MODEL, True, more, folder / "predictor.log") as running:
        check_answers(running, right)
        _asked(running, 2)
        yield running


def _shipped(prefix: tuple[str, ...]) -> Command:
    def command(python: str, _: str, port: int) -> list[str]:
        settings = {
            "PORT": port,
            "METRICS_PORT": free_port(),
            "BUILTIN_MODELS": SHIPPED,
            "WORKERS": 2,
        }
        named = [f"SLIPWAY_{name}={value}" for name, value in settings.items()]
        return ["env", *named, *prefix, python, "-m", "predictor"]

    return command


def _asked(running: Running, seconds: float, pause: float = 0.0) -> Figures:
    body = running.body(questions(MODEL, 1)[0])
    before = running.cpu_seconds()
    seen = load(running.url, body, running.headers, CONNECTIONS, seconds, pause)
    spent = running.cpu_seconds() - before
    if seen.errors:
        raise WrongAnswer(f"{seen.errors} answers were no 2xx")
    return {
        "requests_per_second": seen.requests_per_second,
        "cpu_microseconds": 1e6 * spent / (seen.requests_per_second * seen.seconds),
        "cores": spent / seen.seconds,
        "p99_ms": seen.p99_ms,
    }


@contextmanager
def _on_core(core: int) -> Iterator[None]:
    """This process, and what it starts meanwhile."""
    everywhere = os.sched_getaffinity(0)
    if core not in everywhere:
        sys.exit("The predictor and its callers need a core each.")
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, everywhere)


def _middle(rounds: list[Figures]) -> Figures:
    return {name: round(median(one[name] for one in rounds), 3) for name in rounds[0]}


if __name__ == "__main__":
    main()
