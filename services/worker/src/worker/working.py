"""The worker, put together from its parts."""

import logging

import torch
from prometheus_client import CollectorRegistry

from slipway import __version__
from slipway.core.settings import WorkerSettings
from slipway.core.store import open_store
from slipway.model.devices import chosen_device
from slipway.queue.connection import patient
from worker.chunks import ChunkRunner
from worker.jobs import batch_jobs
from worker.metrics import WorkerMetrics
from worker.metrics_server import application, start_metrics_server
from worker.rq_worker import WarmWorker
from worker.warm_models import WarmModels

log = logging.getLogger(__name__)


def work(settings: WorkerSettings) -> None:
    """Works until SIGTERM. Raises Unavailable where no store or no Redis is configured."""
    torch.set_num_threads(settings.torch_threads)
    device = chosen_device(settings.device)
    metrics = WorkerMetrics(CollectorRegistry())
    runner = ChunkRunner(
        open_store(settings), WarmModels((settings.builtin_models,), device), metrics
    )
    worker = WarmWorker(settings.queue, patient(settings), batch_jobs(runner.run))
    server = start_metrics_server(
        settings.metrics_host, settings.metrics_port, application(metrics.registry, lambda: True)
    )
    log.info(
        "worker starts",
        extra={"release": __version__, "queue": settings.queue, "device": device},
    )
    worker.work(logging_level="WARNING")
    server.shutdown()
