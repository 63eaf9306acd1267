"""python -m drill [FAULT …]: each fault on a stack of its own; exits 1 where an alert was not as promised."""

import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from drill.faults import FAULTS
from drill.stack import PROMETHEUS, Stack
from drill.traffic import Traffic
from drill.watching import Times, Watch

READY_SECONDS = 240
# Long enough for every five-minute window to be free of the fault, and for Alertmanager to say so.
RESOLVED_SECONDS = 900.0
EVERY_SECONDS = 2.0
# Two messages again and again are broken data, and the monitor would say so after some minutes.
NO_DRIFT: dict[str, object] = {"SLIPWAY_DRIFT_WINDOW_ROWS": 100_000}


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the stack is stopped as well
    table = tomllib.loads((PROMETHEUS / "drill.toml").read_text())["fault"]
    wanted = sys.argv[1:] or [row["name"] for row in table]
    wrong = []
    for row in table:
        if row["name"] in wanted:
            wrong += drill(row)
    print("\n".join(wrong) or "as the table says", flush=True)
    sys.exit(1 if wrong else 0)


def drill(row: dict[str, Any]) -> list[str]:
    """Injects one fault and prints the times; what was not as the table says."""
    print(f"\n{row['name']}: {row['does']}", flush=True)
    with tempfile.TemporaryDirectory(prefix="slipway-drill-", ignore_cleanup_errors=True) as folder:
        watch = Watch()
        settings = row.get("settings", {})
        stack = Stack(Path(folder), watch.webhook, predictor=settings, monitor=NO_DRIFT)
        stack.start()
        try:
            with Traffic(stack.url).running() as traffic:
                return _observed(row, stack, traffic, watch)
        finally:
            stack.stop()
            watch.close()


def _observed(row: dict[str, Any], stack: Stack, traffic: Traffic, watch: Watch) -> list[str]:
    promised: dict[str, float] = row["fires"]
    afterwards: dict[str, float] = row.get("afterwards", {})
    if not _until(stack, watch, lambda: stack.ready() and not watch.alerts, READY_SECONDS):
        return [
            f"{row['name']}: the stack was not quiet within {READY_SECONDS} s: {set(watch.alerts)}"
        ]
    watch.begin()
    with FAULTS[row["name"]](stack, traffic):
        _until(stack, watch, lambda: _told(watch, promised), max(promised.values()) + 60)
    mended = watch.seconds
    if afterwards:
        _until(stack, watch, lambda: _told(watch, afterwards), max(afterwards.values()) + 90)
    outlast = row.get("outlast", [])
    _until(stack, watch, lambda: _over(watch, outlast), row.get("resolves", RESOLVED_SECONDS))
    late = promised | {name: seconds + mended for name, seconds in afterwards.items()}
    _show(watch.alerts, late, mended)
    named = [*row["consequences"], *outlast]
    return [f"{row['name']}: {fact}" for fact in _wrong(watch.alerts, late, named)]


def _told(watch: Watch, names: dict[str, float]) -> bool:
    return all((watch.alerts.get(name) or Times()).delivered is not None for name in names)


def _over(watch: Watch, outlast: list[str]) -> bool:
    told = {name for name, times in watch.alerts.items() if times.delivered is not None}
    resolved = {name for name, times in watch.alerts.items() if times.resolved is not None}
    return watch.firing <= set(outlast) and told - set(outlast) <= resolved


def _until(stack: Stack, watch: Watch, done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if watch.seconds == 0:  # no fault yet: alerts of a stack that starts are forgotten
                watch.alerts = {}
            watch.look(stack.prometheus_url)
            if done():
                return True
        except requests.RequestException:
            pass
        time.sleep(EVERY_SECONDS)
    return False


def _wrong(alerts: dict[str, Times], promised: dict[str, float], named: list[str]) -> list[str]:
    facts = []
    for name, within in promised.items():
        times = alerts.get(name) or Times()
        if times.fired is None or times.fired > within:
            facts.append(f"{name} did not fire within {within:.0f} s")
        elif times.delivered is None or times.resolved is None:
            facts.append(f"{name} was not delivered and resolved")
    fired = {name for name, times in alerts.items() if times.fired is not None}
    beside = fired - promised.keys() - set(named)
    return facts + [f"{name} fired as well" for name in sorted(beside)]


def _show(alerts: dict[str, Times], promised: dict[str, float], mended: float) -> None:
    print(f"{'alert':28} pending  fired  within  delivered  resolved   (mended at {mended:.0f} s)")
    for name, times in sorted(alerts.items(), key=lambda item: item[1].pending or 0.0):
        within = f"{promised[name]:.0f}" if name in promised else "–"
        shown = (times.pending, times.fired, times.delivered, times.resolved)
        pending, fired, delivered, resolved = ("–" if t is None else f"{t:.0f}" for t in shown)
        print(
            f"{name:28} {pending:>7} {fired:>6} {within:>7} {delivered:>10} {resolved:>9}",
            flush=True,
        )


if __name__ == "__main__":
    main()
