"""The faults by name: each breaks the stack while its `with` lasts, and mends it afterwards."""

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import requests
from redis import Redis

from drill.breaking import overflowing
from drill.processes import Process
from drill.stack import ROOT, Stack
from drill.traffic import GOOD, Traffic
from slipway.model.aliases import SCHEMA, Alias, Challenger
from slipway.model.registry import registry_in_folder

Fault = Callable[[Stack, Traffic], AbstractContextManager[None]]


@contextmanager
def latency(stack: Stack, traffic: Traffic) -> Iterator[None]:
    """In short turns: what waits before it is read is not in the predictor's own latency."""
    processes, over = stack.processes["predictor"].request_processes(), threading.Event()

    def starve() -> None:
        while not over.wait(0.005):
            _signal(processes, signal.SIGSTOP)
            over.wait(0.045)
            _signal(processes, signal.SIGCONT)

    thread = threading.Thread(target=starve)
    thread.start()
    traffic.large = True
    try:
        yield
    finally:
        traffic.large = False
        over.set()
        thread.join()


@contextmanager
def errors(_: Stack, traffic: Traffic) -> Iterator[None]:
    traffic.failing = True
    try:
        yield
    finally:
        traffic.failing = False


@contextmanager
def hung(stack: Stack, _: Traffic) -> Iterator[None]:
    processes = stack.processes["predictor"].request_processes()
    _signal(processes, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(processes, signal.SIGCONT)


def killed(name: str) -> Fault:
    """The process of this name is killed, and started again afterwards."""

    @contextmanager
    def fault(stack: Stack, _: Traffic) -> Iterator[None]:
        stack.processes[name].kill()
        try:
            yield
        finally:
            stack.processes[name].start()

    return fault


@contextmanager
def store(stack: Stack, _: Traffic) -> Iterator[None]:
    here, away = stack.folder / "store", stack.folder / "store-away"
    here.rename(away)
    here.write_text("no folder")
    try:
        yield
    finally:
        here.unlink()
        away.rename(here)


@contextmanager
def queue(stack: Stack, _: Traffic) -> Iterator[None]:
    with Redis(port=stack.ports["redis"]) as redis:
        redis.set("rq:suspended", 1)
        body = {"model": "spam", "instances": [GOOD]}
        # An idle worker is past its look at the mark: the first job is taken still.
        for _number in range(3):
            requests.post(f"{stack.url}/v1/batches", json=body, timeout=30).raise_for_status()
        try:
            yield
        finally:
            redis.delete("rq:suspended")


@contextmanager
def digests(stack: Stack, _: Traffic) -> Iterator[None]:
    models = stack.folder / "models-b"
    shutil.copytree(ROOT / "models", models)
    manifest = models / "spam" / "versions" / "1.0.0" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"made_by"', '"made_by" '))
    with _second_predictor(stack, SLIPWAY_BUILTIN_MODELS=models):
        yield


@contextmanager
def generations(stack: Stack, _: Traffic) -> Iterator[None]:
    store = stack.folder / "store-b"
    shutil.copytree(ROOT / "models", store / "models")
    _promote(store / "models", "1.0.0", generation=9)
    with _second_predictor(stack, SLIPWAY_STORE_URL=f"file://{store}"):
        yield


@contextmanager
def challenger(stack: Stack, _: Traffic) -> Iterator[None]:
    """A canary that answers its golden rows and overflows on every second message of the traffic."""
    models = stack.folder / "store" / "models"
    versions = models / "spam" / "versions"
    shutil.copytree(ROOT / "models" / "spam" / "versions", versions)
    overflowing(versions / "1.0.0", versions / "1.0.1", GOOD)
    canary = Challenger("1.0.1", "canary", weight=0.5)
    _promote(models, "1.0.0", generation=1, challenger=canary)
    try:
        yield
    finally:
        _promote(models, "1.0.0", generation=2)


@contextmanager
def refused(stack: Stack, _: Traffic) -> Iterator[None]:
    models = stack.folder / "store" / "models"
    shutil.copytree(ROOT / "models" / "spam" / "versions", models / "spam" / "versions")
    damaged = models / "spam" / "versions" / "1.0.1"
    shutil.copytree(models / "spam" / "versions" / "1.0.0", damaged)
    (damaged / "model.safetensors").write_bytes(b"damaged")
    _promote(models, "1.0.1", generation=1)
    try:
        yield
    finally:
        _promote(models, "1.0.0", generation=2)


@contextmanager
def _second_predictor(stack: Stack, **settings: object) -> Iterator[None]:
    second: Process = stack.predictor("predictor-b", **settings)
    second.start()
    stack.scrape_predictors("predictor", "predictor-b")
    try:
        yield
    finally:
        stack.scrape_predictors("predictor")
        second.stop()


def _promote(
    models: Path, version: str, generation: int, challenger: Challenger | None = None
) -> None:
    alias = Alias(
        challenger=challenger,
        generation=generation,
        champion=version,
        who="drill",
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        why="drill",
        schema=SCHEMA,
    )
    registry_in_folder(models).put("spam", alias)


def _signal(processes: list[int], number: int) -> None:
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


FAULTS: dict[str, Fault] = {
    "latency": latency,
    "errors": errors,
    "hung": hung,
    "predictor": killed("predictor"),
    "gateway": killed("gateway"),
    "worker": killed("worker"),
    "monitor": killed("monitor"),
    "redis": killed("redis"),
    "store": store,
    "queue": queue,
    "digests": digests,
    "generations": generations,
    "refused": refused,
    "challenger": challenger,
}
