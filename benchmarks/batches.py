"""What batches cost: rows a second beside the bare model, memory, and predictions at the same time.

    python benchmarks/batches.py [throughput] [upload] [beside] [--rows 200000] [--rounds 2]

throughput: from started_at to finished_at of a batch of spam messages over two workers, against two
processes that do nothing but ask the model for the same rows, in turn on the same cores at the same
priority, by the clock and by processor time (the steadier one where others use the machine too); and
how far the workers' resident memory strays once 50,000 rows are done.
upload: the predictor's resident memory while 1,000,000 rows are handed in.
beside: latencies of 100 predictions a second while rows are handed in, and with two busy workers; in
brackets against those without either.
Each starts its own Redis, predictor and workers. Measure on a machine that does nothing else.
"""

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

import psutil
import requests

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from slipway.model.devices import use_threads
from slipway.model.loading import load
from slipway.model.registry import version_directory
from support.batch_stack import BatchStack, make_stack
from support.batches import ended, status, submit_ndjson
from support.predictor_process import MODELS, RunningPredictor
from support.steady_predictions import SteadyPredictions
from support.waiting import wait_until

PROCESSES = 2
CHUNK_ROWS = "2000"
IN_PROCESS_ROWS = (32, 256, 1024)
SETTLED_ROWS = 50_000
PER_SECOND = 100
POINTS = (50, 95, 99)
MESSAGE = (
    "Congratulations! You have won a free iPhone. Call 0906%07d now to claim your prize, 150p/min,"
    " or text WIN to 80086. The offer ends on Sunday at noon."
)


def rows_as_ndjson(count: int) -> Iterator[bytes]:
    for start in range(0, count, 500):
        numbers = range(start, min(start + 500, count))
        yield b"".join(b'{"message":"%s"}\n' % (MESSAGE % n).encode() for n in numbers)


class Rate(NamedTuple):
    """Rows a second: by the clock, and of the processor time of all processes together."""

    by_clock: float
    by_processor: float


def ask_the_model(
    first: int, rows: int, at_once: int, together: Barrier, spent: "Queue[float]"
) -> None:
    """One of the bare processes: rows of the same kind through a loaded model, and nothing else."""
    use_threads(1)
    version = sorted(path.name for path in (MODELS / "spam" / "versions").iterdir())[-1]
    model = load(version_directory(MODELS, "spam", version))
    instances = [{"message": MESSAGE % n} for n in range(first, first + rows)]
    model.predict(instances[:at_once])
    together.wait()
    began = time.process_time()
    for start in range(0, rows, at_once):
        model.predict(instances[start : start + at_once])
    spent.put(time.process_time() - began)
    together.wait()


def in_process_rate(rows: int, at_once: int) -> Rate:
    """Of both processes, loading left out."""
    context = multiprocessing.get_context("spawn")
    together, share = context.Barrier(PROCESSES + 1), rows // PROCESSES
    spent: Queue[float] = context.Queue()
    processes = [
        context.Process(target=ask_the_model, args=(n * share, share, at_once, together, spent))
        for n in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    together.wait()
    began = time.perf_counter()
    together.wait()
    took = time.perf_counter() - began
    used = sum(spent.get() for _ in processes)
    for process in processes:
        process.join()
    return Rate(rows / took, rows / used)


class Memory:
    """Resident bytes of processes, looked at while it is entered."""

    def __init__(self, pids: list[int]) -> None:
        self._processes = [psutil.Process(pid) for pid in pids]
        self.seen: list[list[int]] = [[] for _ in pids]

    def look(self) -> None:
        for process, seen in zip(self._processes, self.seen, strict=True):
            seen.append(process.memory_info().rss)

    def processor_seconds(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self._processes)

    def said(self) -> str:
        """Each one's middle, and how far it strayed from there."""
        words = []
        for seen in self.seen:
            middle = (max(seen) + min(seen)) / 2
            words.append(f"{middle / 1e6:.0f} MB ± {(max(seen) - min(seen)) / 2 / middle:.1%}")
        return ", ".join(words)


def batch_rate(predictor: RunningPredictor, rows: int, memory: Memory) -> Rate:
    """Between started_at and finished_at; the processor time is that of the workers."""
    used = memory.processor_seconds()
    batch_id = submit_ndjson(predictor, rows_as_ndjson(rows))["id"]
    while (state := status(predictor, batch_id))["status"] in ("queued", "running"):
        if state["rows_done"] >= SETTLED_ROWS:
            memory.look()
        time.sleep(0.25)
    if (state["status"], state["rows_failed"]) != ("succeeded", 0):
        sys.exit(f"the batch ended otherwise: {state}")
    began, over = (datetime.fromisoformat(state[f"{name}_at"]) for name in ("started", "finished"))
    used = memory.processor_seconds() - used
    return Rate(rows / (over - began).total_seconds(), rows / used)


def throughput(stack: BatchStack, rows: int, rounds: int) -> None:
    predictor = stack.start_predictor(batch_chunk_rows=CHUNK_ROWS)
    workers = [stack.start_worker(niceness="0") for _ in range(PROCESSES)]
    pids = [worker.process.pid for worker in workers]
    batch_rate(predictor, rows // 4, Memory(pids))  # models are loaded, sizes found
    memory = Memory(pids)
    fastest = max(IN_PROCESS_ROWS, key=lambda n: in_process_rate(rows // 8, n).by_processor)
    print(f"model alone: {fastest} rows a forward are the fastest of {IN_PROCESS_ROWS}")
    by_clock, by_processor = [], []
    for _ in range(rounds):
        before = in_process_rate(rows // 2, fastest)
        batch = batch_rate(predictor, rows, memory)
        after = in_process_rate(rows // 2, fastest)
        by_clock.append(2 * batch.by_clock / (before.by_clock + after.by_clock))
        by_processor.append(2 * batch.by_processor / (before.by_processor + after.by_processor))
        print(
            f"model alone {before.by_clock:.0f} and {after.by_clock:.0f} rows/s, batch"
            f" {batch.by_clock:.0f} rows/s: ratio {by_clock[-1]:.3f} by the clock;"
            f" {before.by_processor:.0f}, {after.by_processor:.0f} and {batch.by_processor:.0f} rows"
            f" a processor second: ratio {by_processor[-1]:.3f}",
            flush=True,
        )
    print(
        f"median of {rounds}: {statistics.median(by_clock):.3f} by the clock,"
        f" {statistics.median(by_processor):.3f} by processor time"
    )
    print(f"workers' memory from row {SETTLED_ROWS} on: {memory.said()}", flush=True)


def upload(stack: BatchStack, rows: int) -> None:
    predictor = stack.start_predictor(batch_chunk_rows=CHUNK_ROWS)
    pids = predictor.request_processes()
    memory, sent = Memory(pids), 0

    def counted() -> Iterator[bytes]:
        nonlocal sent
        for piece in rows_as_ndjson(rows):
            yield piece
            sent += piece.count(b"\n")
            if sent >= SETTLED_ROWS and sent % 10_000 == 0:
                memory.look()

    submit_ndjson(predictor, rows_as_ndjson(SETTLED_ROWS))
    before = Memory(pids)
    before.look()
    began = time.perf_counter()
    batch_id = submit_ndjson(predictor, counted())["id"]
    took = time.perf_counter() - began
    memory.look()
    print(f"{rows} rows handed in within {took:.0f} s")
    print(f"predictor's memory before: {before.said()}; meanwhile: {memory.said()}", flush=True)
    requests.delete(f"{predictor.url}/v1/batches/{batch_id}", timeout=60)


@contextmanager
def unending_batch(predictor: RunningPredictor, rows: int) -> Iterator[None]:
    """Workers are busy while it is entered."""
    batch_id = submit_ndjson(predictor, rows_as_ndjson(rows))["id"]
    wait_until(lambda: status(predictor, batch_id)["rows_done"], seconds=120, what="it has begun")
    yield
    if status(predictor, batch_id)["status"] != "running":
        sys.exit("the batch was over too soon: more --rows")
    requests.delete(f"{predictor.url}/v1/batches/{batch_id}", timeout=60)
    ended(predictor, batch_id)


def latencies(predictor: RunningPredictor, seconds: float) -> list[float]:
    with SteadyPredictions(predictor.url, PER_SECOND) as predictions:
        threading.Event().wait(seconds)
    if predictions.failures:
        sys.exit(predictions.failures[0])
    return sorted(predictions.seconds)


@contextmanager
def unending_upload(predictor: RunningPredictor) -> Iterator[None]:
    """Rows are handed in while it is entered; the batch is then cancelled."""
    over, ids = threading.Event(), []

    def rows() -> Iterator[bytes]:
        for piece in rows_as_ndjson(1_000_000):
            if over.is_set():
                return
            yield piece

    def hand_in() -> None:
        ids.append(submit_ndjson(predictor, rows())["id"])

    thread = threading.Thread(target=hand_in)
    thread.start()
    yield
    if not thread.is_alive():
        sys.exit("the upload was over too soon: fewer --seconds")
    over.set()
    thread.join()
    requests.delete(f"{predictor.url}/v1/batches/{ids[0]}", timeout=60)


def beside(stack: BatchStack, rows: int, rounds: int, seconds: float) -> None:
    predictor = stack.start_predictor(workers="2", batch_chunk_rows=CHUNK_ROWS)
    latencies(predictor, 3.0)
    found: dict[str, list[float]] = {"alone": [], "beside an upload": [], "beside workers": []}
    for _ in range(rounds):
        found["alone"] += latencies(predictor, seconds)
        with unending_upload(predictor):
            found["beside an upload"] += latencies(predictor, seconds)
        workers = [stack.start_worker() for _ in range(PROCESSES)]
        with unending_batch(predictor, rows):
            found["beside workers"] += latencies(predictor, seconds)
        for worker in workers:
            worker.stop()
    alone = statistics.quantiles(found["alone"], n=100)
    for name, values in found.items():
        cuts = statistics.quantiles(values, n=100)
        told = [
            f"p{n} {cuts[n - 1] * 1000:.2f} ms ({cuts[n - 1] / alone[n - 1]:.2f})" for n in POINTS
        ]
        print(f"{name}: {', '.join(told)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=[], help="throughput, upload, beside")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--upload-rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10.0)
    chosen = parser.parse_args()
    parts = {
        "throughput": lambda stack: throughput(stack, chosen.rows, chosen.rounds),
        "upload": lambda stack: upload(stack, chosen.upload_rows),
        "beside": lambda stack: beside(stack, 2 * chosen.rows, chosen.rounds, chosen.seconds),
    }
    for part in chosen.parts or parts:
        with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
            stack = make_stack(Path(folder))
            print(f"## {part}", flush=True)
            try:
                parts[part](stack)
            finally:
                stack.stop()


if __name__ == "__main__":
    main()
