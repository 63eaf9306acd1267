"""gunicorn over the application: its options, its hooks, and what each request process is made of."""

import logging
import os
import platform
import sys
from pathlib import Path
from typing import Any

import torch
from gevent.hub import get_hub
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from prometheus_client import CollectorRegistry, values
from prometheus_client.multiprocess import mark_process_dead

from predictor.accepting import ABSENT, ConnectionCounts
from predictor.admission import Admission
from predictor.app import create_app
from predictor.arbiter import SidecarArbiter
from predictor.batching.desk import BatchDesk
from predictor.body_ahead import BodiesAhead
from predictor.built_in import serve_built_in
from predictor.event_loop_process import EventLoopProcess
from predictor.event_publisher import make_events
from predictor.following import ModelFollower
from predictor.hot_route import HotRoute
from predictor.loop_application import LoopApplication
from predictor.loop_signal import loop_signals
from predictor.metric_values import slot_values
from predictor.metrics import PredictorMetrics
from predictor.metrics_process import MetricsProcess
from predictor.model_loader import ModelLoader
from predictor.parked_forwards import ParkedForwards
from predictor.parts import Parts
from predictor.runtime_directory import RuntimeDirectory
from predictor.serving import ServedModels
from predictor.shadow import make_shadow
from slipway import __version__
from slipway.core.key_ring import key_ring
from slipway.core.machine import mapped_code, steady_allocator, unmap_code
from slipway.core.settings import PredictorSettings
from slipway.model.cache import ModelCache
from slipway.model.devices import chosen_device
from slipway.model.registry import open_registry
from slipway.queue.label_stream import LabelStream

log = logging.getLogger(__name__)

# For requests that may block: batches, labels, explanations, metadata.
BLOCKING_THREADS = 8
# How long a thread that computes keeps others from refusing; Python's own 5 ms add up.
SWITCH_SECONDS = 0.0001
SHARED_MEMORY = Path("/dev/shm")


class PropagatingLogger(Logger):  # type: ignore[misc]
    """Sends gunicorn's own events to the process's JSON log instead of to its own handlers."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """The predictor under gunicorn.

    The master imports, but runs no torch operation, no thread and no connection: models are
    loaded in each request process, before it accepts its first request.
    """

    def __init__(
        self, settings: PredictorSettings, directory: RuntimeDirectory, sidecar: MetricsProcess
    ) -> None:
        self.settings = settings
        self.directory = directory
        self.sidecar = sidecar
        self.parts: Parts | None = None
        self.slot = 0
        self.connections = ConnectionCounts()
        self.code = mapped_code()  # of the libraries that request processes share
        super().__init__()

    def load_config(self) -> None:
        for name, value in options(self.settings, self).items():
            self.cfg.set(name, value)

    def load(self) -> LoopApplication:
        """Runs in a request process, after the fork, on the loop's thread."""
        values.ValueClass = slot_values(self.slot)
        torch.set_num_threads(self.settings.torch_threads)
        sys.setswitchinterval(SWITCH_SECONDS)
        self.parts = make_parts(self.settings)
        app = create_app(self.parts)
        self.predictions: HotRoute = app.wsgi_app  # type: ignore[assignment]
        bodies = BodiesAhead(self.settings.max_body_bytes)
        self.application = LoopApplication(app, BLOCKING_THREADS, self.settings.max_waiting, bodies)
        unmap_code(self.code)
        return self.application

    def beat(self, slot: int) -> None:
        self.directory.beat(slot)
        if self.parts is not None:
            self.parts.show_dependencies()

    def drain(self) -> None:
        if self.parts is not None:
            self.parts.drain()

    def close(self) -> None:
        """Runs in a request process when it ends."""
        if self.parts is not None:
            self.application.stop()
            self.parts.shadow.stop()
            self.parts.forwards.stop()
            self.parts.events.stop()

    def run(self) -> None:
        SidecarArbiter(self, self.sidecar).run()


def options(settings: PredictorSettings, server: Server) -> dict[str, Any]:
    """gunicorn's settings."""

    def pre_fork(arbiter: Any, worker: EventLoopProcess) -> None:
        taken = {sibling.slot for sibling in arbiter.WORKERS.values()}
        worker.slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
        worker.counts = server.connections

    def post_fork(_: Any, worker: EventLoopProcess) -> None:
        server.slot = worker.slot

    def worker_exit(_: Any, __: EventLoopProcess) -> None:
        server.close()

    def child_exit(_: Any, worker: EventLoopProcess) -> None:
        mark_process_dead(worker.slot)  # type: ignore[no-untyped-call]
        server.directory.forget(worker.slot)
        server.connections.set(worker.slot, ABSENT)

    return {
        "bind": f"{settings.host}:{settings.port}",
        "workers": settings.workers,
        "worker_class": EventLoopProcess,
        "worker_tmp_dir": str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None,
        "timeout": settings.load_timeout_seconds,
        "graceful_timeout": settings.graceful_timeout_seconds,
        "keepalive": 75,
        "backlog": 256,
        "control_socket_disable": True,
        "logger_class": PropagatingLogger,
        "pre_fork": pre_fork,
        "post_fork": post_fork,
        "worker_exit": worker_exit,
        "child_exit": child_exit,
        "proc_name": "slipway-predictor",
    }


def make_parts(settings: PredictorSettings) -> Parts:
    """The parts of one request process, with its models loaded and followed from now on."""
    metrics = PredictorMetrics(CollectorRegistry())
    metrics.build_info.labels(__version__, platform.python_version(), torch.__version__).set(1)
    models = ServedModels(settings.default_model)
    device, packages = chosen_device(settings.device), settings.allowed_packages()
    loader = ModelLoader(device, metrics, packages, settings.forward_rows)
    serve_built_in(settings.builtin_models, models, loader)
    admission = Admission(settings.max_in_flight, settings.max_waiting, make_signal=loop_signals())
    events = make_events(settings, metrics, get_hub().loop.run_callback)
    shadow = make_shadow(settings, metrics, events, admission)
    shadow.start()
    return Parts(
        settings=settings,
        metrics=metrics,
        models=models,
        keys=key_ring(settings),
        admission=admission,
        batches=BatchDesk(settings),
        labels=LabelStream(settings),
        shadow=shadow,
        events=events,
        follower=follow_store(settings, models, loader) if settings.store_url else None,
        forwards=ParkedForwards(get_hub()),
    )


def follow_store(
    settings: PredictorSettings, models: ServedModels, loader: ModelLoader
) -> ModelFollower:
    """Looks once before the first request is accepted, then again and again."""
    registry = open_registry(settings)
    cache = ModelCache.from_settings(registry, settings)
    follower = ModelFollower(registry, models, loader, cache)
    follower.follow_once()
    follower.start(settings.follow_seconds)
    return follower


def serve(
    settings: PredictorSettings, directory: RuntimeDirectory, sidecar: MetricsProcess
) -> None:
    """Runs the predictor until it is told to stop. directory: empty. sidecar: started."""
    steady_allocator()
    # Where prometheus_client, which takes it from nowhere else, keeps its files.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory.metrics)
    log.info(
        "predictor starts",
        extra={"release": __version__, "port": settings.port, "workers": settings.workers},
    )
    if settings.auth == "off":
        log.warning("keys are off: everybody who reaches this port may do everything")
    server = Server(settings, directory, sidecar)
    unmap_code(server.code)
    server.run()
