"""Predictors and workers over one Redis and one store in a folder."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.predictor_process import MODELS, RunningPredictor
from support.processes import RunningProcess
from support.redis_server import RedisServer
from support.waiting import free_port
from support.worker_process import RunningWorker


@dataclass
class BatchStack:
    """Processes that are started when they are needed and stopped at the end.

    prefix: what predictors and workers are started by, such as a program that limits them.
    """

    folder: Path
    redis: RedisServer
    settings: dict[str, str]
    prefix: Sequence[str] = ()
    predictors: list[RunningPredictor] = field(default_factory=list)
    workers: list[RunningWorker] = field(default_factory=list)
    monitors: list[RunningProcess] = field(default_factory=list)

    @property
    def store(self) -> Path:
        return self.folder / "store"

    def start_predictor(self, **settings: str) -> RunningPredictor:
        """Chunks of ten rows, so that small batches have several."""
        chosen = {"auth": "off", "workers": "1", "batch_chunk_rows": "10"} | settings
        folder = self.folder / f"predictor-{len(self.predictors)}"
        named = _named(self.settings | chosen)
        self.predictors.append(RunningPredictor(folder, named, self.prefix))
        return self.predictors[-1].wait_until_ready()

    def start_worker(self, *, wait: bool = True, **settings: str) -> RunningWorker:
        folder = self.folder / f"worker-{len(self.workers)}"
        named = _named(self.settings | settings)
        self.workers.append(RunningWorker(folder, named, self.prefix))
        return self.workers[-1].wait_until_live() if wait else self.workers[-1]

    def start_monitor(self) -> RunningProcess:
        """Whose reconciler puts back what a dead worker had."""
        named = _named(
            self.settings
            | {
                "auth": "off",
                "port": str(free_port()),
                "data_dir": str(self.folder),
                "builtin_models": str(MODELS),
            }
        )
        command = [*self.prefix, sys.executable, "-m", "monitor"]
        self.monitors.append(RunningProcess(command, self.folder / "monitor.log", named))
        return self.monitors[-1]

    def chunks_in_hand(self, worker: RunningWorker) -> list[int]:
        """The chunks on which the worker has a lease."""
        with self.redis.client() as redis:
            leases = {key: redis.get(key) for key in redis.scan_iter("slipway:v1:batch-lease:*")}
        return [
            int(key.decode().rpartition("-")[2])
            for key, holder in leases.items()
            if holder is not None and f"-{worker.process.pid}-" in holder.decode()
        ]

    def stop(self) -> None:
        for monitor in self.monitors:
            monitor.stop()
        for process in (*self.predictors, *self.workers):
            process.stop()
        self.redis.stop()


def _named(settings: dict[str, str]) -> dict[str, str]:
    return {f"SLIPWAY_{name.upper()}": value for name, value in settings.items()}


def make_stack(folder: Path, *redis_options: str) -> BatchStack:
    for name in ("store", "redis"):
        (folder / name).mkdir()
    redis = RedisServer(folder / "redis", *redis_options)
    return BatchStack(
        folder, redis, {"redis_url": redis.url, "store_url": (folder / "store").as_uri()}
    )
