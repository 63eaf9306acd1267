"""The parts of the process from its settings: connections, threads, and what they work on."""

import platform
import time

from prometheus_client import CollectorRegistry

from monitor.batches import INTERVAL_SECONDS as BATCHES_SECONDS
from monitor.batches import make_batch_keeper
from monitor.drift.gauges import DriftGauges
from monitor.drift.watch import DriftWatch
from monitor.intake.events import EventIntake
from monitor.intake.labels import LabelIntake
from monitor.intake.stream_reader import StreamReader
from monitor.metrics import MonitorMetrics
from monitor.models import open_models
from monitor.parts import Parts
from monitor.prediction_log.opening import PredictionLog, database_url, open_log
from monitor.prediction_log.retention import delete_old
from monitor.probing.prober import Prober
from monitor.probing.targets import configured
from monitor.promotions import Promotions
from monitor.quality.gauges import QualityGauges
from monitor.quality.watch import QualityWatch
from monitor.retraining.watch import make_preparing, make_watch
from monitor.rounds import Rounds
from monitor.saturation import measure_folders, measure_process
from slipway import __version__
from slipway.core.key_ring import key_ring
from slipway.core.redis_keys import EVENTS, LABELS
from slipway.core.settings import MonitorSettings
from slipway.queue.connection import impatient

# Longer than a reader waits for new entries.
_REDIS_TIMEOUT_SECONDS = 5.0
_RETENTION_SECONDS = 600.0
_STEP_SECONDS = 5.0


def make_parts(settings: MonitorSettings) -> Parts:
    """Nothing runs before `start`."""
    registry = CollectorRegistry()
    measure_process(registry)
    measure_folders(registry, database_url(settings), settings.store_url)
    metrics = MonitorMetrics(registry)
    metrics.build_info.labels(__version__, platform.python_version()).set(1)
    log = open_log(database_url(settings))
    prober = Prober(
        configured(settings.predictors),
        log,
        metrics,
        timeout_seconds=settings.probe_timeout_seconds,
    )
    models = open_models(settings)
    drift = DriftWatch(
        log,
        models,
        Promotions(log, models),
        DriftGauges(registry),
        window_rows=settings.drift_window_rows,
        window_seconds=settings.drift_window_seconds,
    )
    quality = QualityWatch(
        log,
        models,
        QualityGauges(registry),
        rows=settings.quality_rows,
        maturity_seconds=settings.label_maturity_seconds,
        slice_fields=[f.strip() for f in settings.slice_fields.split(",") if f.strip()],
    )

    def look_at_versions() -> None:
        now = time.time()
        drift.look(now)
        quality.look(drift.watched, now)

    def delete_what_is_old() -> None:
        delete_old(log, time.time() - settings.retention_days * 86_400)

    often = settings.evaluation_interval_seconds
    background = [
        Rounds("probes", settings.probe_interval_seconds, prober.look, metrics),
        Rounds("versions", often, look_at_versions, metrics),
        Rounds("retention", _RETENTION_SECONDS, delete_what_is_old, metrics),
    ]
    preparing = make_preparing(settings, log, models)
    if (retraining := make_watch(settings, log, preparing, registry)) is not None:
        # Steps end by themselves after a time: they are looked at more often than windows are.
        background.append(Rounds("retraining", min(often, _STEP_SECONDS), retraining.look, metrics))
    if (keeper := make_batch_keeper(settings, registry)) is not None:
        background.append(Rounds("batches", BATCHES_SECONDS, keeper.look, metrics))
    readers = _readers(settings, log, metrics)
    return Parts(settings, metrics, log, models, readers, background, key_ring(settings))


def _readers(
    settings: MonitorSettings, log: PredictionLog, metrics: MonitorMetrics
) -> tuple[StreamReader, ...]:
    if not settings.redis_url:
        return ()
    events = EventIntake(log, metrics, settings.capture_inputs)
    labels = LabelIntake(log, metrics, settings.capture_inputs)

    def reader(key: str, name: str, sink: EventIntake | LabelIntake, delete: bool) -> StreamReader:
        redis = impatient(settings, _REDIS_TIMEOUT_SECONDS)
        return StreamReader(redis, key, name, sink, metrics, delete_when_read=delete)

    return (
        reader(EVENTS, "events", events, False),
        # Nothing trims labels, so what is in the log leaves the stream.
        reader(LABELS, "labels", labels, True),
    )
