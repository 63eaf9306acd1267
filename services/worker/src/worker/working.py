"""The worker, put together from its parts, and the loop that outlives whatever RQ ends over."""

import logging
import os
import signal
import socket
from types import FrameType
from uuid import uuid4

from prometheus_client import CollectorRegistry
from redis.exceptions import RedisError
from rq.exceptions import StopRequested

from slipway import __version__
from slipway.core.settings import WorkerSettings
from slipway.core.store import Store, open_store
from slipway.model.cache import ModelCache
from slipway.model.devices import chosen_device, device_memory_bytes, use_threads
from slipway.model.registry import Registry
from slipway.queue.backlog import Backlog
from slipway.queue.batch_queue import BatchQueue
from slipway.queue.connection import impatient, patient
from slipway.queue.leases import Leases
from slipway.queue.progress import ProgressBook
from slipway.queue.training_queue import TRAINING, TrainingQueue
from worker.allowed_jobs import Function
from worker.chunks import ChunkRunner
from worker.heartbeat import Heartbeat
from worker.jobs import batch_jobs, training_jobs
from worker.metrics import WorkerMetrics
from worker.metrics_server import application, start_metrics_server
from worker.pulse import Pulse
from worker.queue_metrics import QueueCollector
from worker.rq_worker import WarmWorker
from worker.stopping import Stopping
from worker.tally import Tally
from worker.training import TrainingRunner
from worker.warm_models import ModelSources, WarmModels

log = logging.getLogger(__name__)

# How long the connections beside the patient one of RQ wait for Redis.
_QUICK_SECONDS = 2.0
_AGAIN_SECONDS = 1.0


class Work:
    """One process's parts. Raises Unavailable where no store or no Redis is configured."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        store = open_store(settings)
        self.metrics = WorkerMetrics(CollectorRegistry())
        self.stopping = Stopping(settings.graceful_timeout_seconds)
        self.pulse = Pulse(settings.stuck_after_seconds)
        self.device = chosen_device(settings.device)
        self.models = WarmModels(
            _model_sources(settings, store),
            self.device,
            settings.allowed_packages(),
            mixed_precision=settings.mixed_precision,
        )
        self.patient = patient(settings, lambda: self.stopping.asked)
        self.quick = impatient(settings, _QUICK_SECONDS)
        self.rq_worker: WarmWorker | None = None
        name = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        trains = settings.queue == TRAINING
        queue = TrainingQueue(self.quick) if trains else BatchQueue(self.quick)
        self.heartbeat = Heartbeat(Leases(self.quick, name), queue, self._beat)
        self.table = self._training_table(store) if trains else self._batch_table(store)

    def _batch_table(self, store: Store) -> dict[str, Function]:
        runner = ChunkRunner(
            store=store,
            models=self.models,
            metrics=self.metrics,
            heartbeat=self.heartbeat,
            tally=Tally(store, Backlog(self.quick), ProgressBook(self.quick)),
            stopping=self.stopping,
            pulse=self.pulse,
        )
        return batch_jobs(runner, self.metrics)

    def _training_table(self, store: Store) -> dict[str, Function]:
        runner = TrainingRunner(
            registry=Registry(store),
            cache=_model_sources(self.settings, store).cache,
            metrics=self.metrics,
            stopping=self.stopping,
            pulse=self.pulse,
            module_packages=self.settings.allowed_packages(),
        )
        return training_jobs(runner, self.metrics)

    def is_live(self) -> bool:
        return self.pulse.is_live() and self.heartbeat.alive

    def run(self) -> None:
        """Until SIGTERM. RQ ends its loop over what it did not foresee; then it begins anew."""
        self.heartbeat.start()
        while not self.stopping.asked:
            try:
                signal.signal(signal.SIGINT, self._stop)
                signal.signal(signal.SIGTERM, self._stop)
                self.rq_worker = self._new_worker()
                self.rq_worker.work(logging_level="WARNING")
            except StopRequested:
                break
            except RedisError as wrong:
                log.error("worker begins anew", extra={"reason": type(wrong).__name__})
            self.stopping.wait(_AGAIN_SECONDS)
        self.heartbeat.stop()

    def _new_worker(self) -> WarmWorker:
        return WarmWorker(
            self.settings.queue,
            connection=self.patient,
            quick=self.quick,
            table=self.table,
            stopping=self.stopping,
            metrics=self.metrics,
        )

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        """While there is no RQ worker to be stopped."""
        self.stopping.ask()
        raise StopRequested

    def _beat(self) -> None:
        for warm in self.models.all():
            labels = (warm.model.name, warm.model.version)
            self.metrics.forward_rows.labels(*labels).set(warm.size.rows)
        if (memory := device_memory_bytes(self.device)) is not None:
            self.metrics.device_memory.labels("allocated").set(memory[0])
            self.metrics.device_memory.labels("reserved").set(memory[1])
        if self.rq_worker is not None:
            self.rq_worker.beat()


def _model_sources(settings: WorkerSettings, store: Store) -> ModelSources:
    cache = ModelCache.from_settings(Registry(store), settings)
    return ModelSources(settings.builtin_models, cache)


def work(settings: WorkerSettings) -> None:
    """Works until SIGTERM. Raises Unavailable where no store or no Redis is configured."""
    os.nice(settings.niceness)
    use_threads(settings.torch_threads)
    here = Work(settings)
    here.metrics.build_info.labels(__version__, settings.queue).set(1)
    here.metrics.registry.register(QueueCollector(settings.queue, here.quick))
    app = application(here.metrics.registry, here.is_live)
    server = start_metrics_server(settings.metrics_host, settings.metrics_port, app)
    fields = {"release": __version__, "queue": settings.queue, "device": here.device}
    log.info("worker starts", extra=fields)
    here.run()
    server.shutdown()
    server.server_close()
    log.info("worker ends")
