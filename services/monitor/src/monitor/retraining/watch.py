"""The loop's part of the monitor: one round takes the steps that are due, and begins what is asked for."""

import time
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from monitor.models import Models
from monitor.prediction_log.finding import known_versions
from monitor.prediction_log.opening import PredictionLog
from monitor.probing.targets import configured
from monitor.retraining.beginning import Beginning
from monitor.retraining.brakes import Brakes
from monitor.retraining.counters import PredictorCounters
from monitor.retraining.gauges import RetrainingGauges
from monitor.retraining.making_set import Bounds
from monitor.retraining.moves import Plan
from monitor.retraining.preparing import Preparing
from monitor.retraining.record import retrainings_of
from monitor.retraining.stepping import Stepping
from slipway.core.retraining_settings import steps_of
from slipway.core.settings import MonitorSettings
from slipway.model.registry import open_registry
from slipway.queue.connection import impatient
from slipway.queue.training_queue import TrainingQueue

_REDIS_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class RetrainingWatch:
    """Every model with a prediction in the log."""

    log: PredictionLog
    stepping: Stepping
    beginning: Beginning
    gauges: RetrainingGauges

    def look(self) -> None:
        """Raises Unavailable when the store or Redis is away: then nothing is decided."""
        self.stepping.look()
        with self.log.reading() as connection:
            models = sorted({version.model for version in known_versions(connection)})
        for model in models:
            now = time.time()
            self.beginning.look(model, now)
            with self.log.reading() as connection:
                found = retrainings_of(connection, model, 10)
            self.gauges.show(model, found, self.stepping.plan.canary_ratios, now)


def make_preparing(settings: MonitorSettings, log: PredictionLog, models: Models) -> Preparing:
    """Also what a dry run asks."""
    return Preparing(
        log=log,
        models=models,
        registry=open_registry(settings) if settings.store_url and settings.redis_url else None,
        brakes=Brakes(settings.retrain_cooldown_seconds, settings.retrain_per_week),
        bounds=Bounds(
            settings.retrain_min_labels,
            settings.retrain_newest_ratio,
            settings.retrain_max_key_ratio,
        ),
        every_seconds=settings.retrain_every_seconds,
        max_labels=settings.retrain_max_labels,
    )


def make_watch(
    settings: MonitorSettings,
    log: PredictionLog,
    preparing: Preparing,
    registry: CollectorRegistry,
) -> RetrainingWatch | None:
    """None where no store or no Redis is set: there is nothing to train with then."""
    if preparing.registry is None:
        return None
    redis = impatient(settings, _REDIS_TIMEOUT_SECONDS)
    stepping = Stepping(
        log=log,
        registry=preparing.registry,
        queue=TrainingQueue(redis, settings.retrain_timeout_seconds),
        counters=PredictorCounters(
            configured(settings.predictors),
            settings.predictor_metrics_port,
            settings.probe_timeout_seconds,
        ),
        plan=plan_of(settings),
        warm=settings.retrain_warm,
    )
    beginning = Beginning(preparing, automatic=settings.retrain == "auto")
    return RetrainingWatch(log, stepping, beginning, RetrainingGauges(registry))


def plan_of(settings: MonitorSettings) -> Plan:
    return Plan(
        auto_promote=settings.auto_promote,
        promote_within_seconds=settings.promote_within_seconds,
        shadow_ratio=settings.shadow_ratio,
        shadow_seconds=settings.shadow_seconds,
        shadow_min_rows=settings.shadow_min_rows,
        canary_ratios=steps_of(settings.canary_ratios),
        canary_step_seconds=settings.canary_step_seconds,
        canary_min_requests=settings.canary_min_requests,
        errors_ratio=settings.canary_max_errors_ratio,
        latency_ratio=settings.canary_max_latency_ratio,
        disagreement_ratio=settings.canary_max_disagreement_ratio,
    )
