"""python -m benchmarks.run: every server, every model, in interleaved rounds; writes results and a table."""

import argparse
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import models
from benchmarks.cells import Measured, WrongAnswer, check_answers, measure, medians, right_answers
from benchmarks.machine import described
from benchmarks.ours import surroundings
from benchmarks.report import plot, table
from benchmarks.running import NotServing, Running
from benchmarks.servers import BY_NAME, MODELS, SERVERS, Server

Cell = tuple[Server, str, bool]


def main() -> None:
    """Measures what the options ask for. Exits 1 where our own server answered wrong or not at all."""
    options = _options()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed (Debian and others package it under this name).")
    models.make(MODELS)
    expected = {name: right_answers(name) for name in options.models}
    rounds: list[Measured] = []
    absent: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        more = surroundings(Path(folder))
        for number in range(options.rounds):
            for server, model, features in _cells(options, number):
                if server.name in absent:
                    continue
                log = Path(folder) / f"{server.name}.log"
                try:
                    with Running(server, model, features, more, log) as running:
                        check_answers(running, expected[model])
                        found = measure(running, features, options.connections, options.seconds)
                except (NotServing, WrongAnswer, OSError) as wrong:
                    absent[server.name] = str(wrong)
                    print(f"SKIPPED {server.name} ({model}): {wrong}", file=sys.stderr)
                    continue
                rounds += found
                for one in found:
                    _say(number, one)
    cells = medians(rounds)
    result = {"machine": described(), "options": vars(options) | {"out": str(options.out)}}
    result |= {"when": datetime.now(UTC).isoformat(), "absent": absent, "cells": cells}
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "results.json").write_text(json.dumps(result, indent=1))
    (options.out / "table.md").write_text(table(result))
    (options.out / "plot.svg").write_text(plot(result))
    print(table(result))
    if "slipway" in absent:
        sys.exit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", nargs="+", default=[s.name for s in SERVERS], choices=BY_NAME)
    parser.add_argument("--models", nargs="+", default=list(models.NAMES), choices=models.NAMES)
    parser.add_argument("--connections", nargs="+", type=int, default=[1, 16, 64])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--features", nargs="+", default=["plain", "equal"])
    parser.add_argument("--out", type=Path, default=Path("benchmarks/.results"))
    return parser.parse_args()


def _cells(options: argparse.Namespace, number: int) -> Iterator[Cell]:
    """In another order each round, so that no server is always measured after the same one."""
    servers = [BY_NAME[name] for name in options.servers if _there(BY_NAME[name])]
    turned = servers[number % len(servers) :] + servers[: number % len(servers)]
    for model in options.models:
        for server in turned:
            if server.name == "slipway":  # has every feature on, always
                yield server, model, True
                continue
            for kind in options.features:
                yield server, model, kind == "equal"


def _there(server: Server) -> bool:
    if not server.installed():
        print(
            f"SKIPPED {server.name}: no environment (benchmarks/environments.sh)", file=sys.stderr
        )
    return server.installed()


def _say(number: int, one: Measured) -> None:
    kind = "equal" if one.features else "plain"
    print(
        f"round {number + 1} {one.server:18} {kind} {one.model:8} c={one.connections:<3} "
        f"{one.requests_per_second:9.0f}/s  p50 {one.p50_ms:7.2f}  p99 {one.p99_ms:7.2f} ms  "
        f"cpu {one.cpu_microseconds:.0f} µs  {one.errors} errors  "
        f"{one.pss_megabytes:.0f} MB  start {one.start_seconds:.2f} s",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    print(f"Python {platform.python_version()}", file=sys.stderr)
    main()
