"""Batches: what waits, what is worked, what fails."""

from dashboards.parts import Json, dashboard, graph, limit_of, stat


def make() -> Json:
    old = limit_of("QueueTooOld")
    return dashboard(
        "batches",
        "batches",
        "The queue of chunks and the workers that empty it.",
        [
            stat(
                "Oldest job",
                "How long the next job has waited. Red where QueueTooOld fires.",
                "s",
                "max(slipway_queue_oldest_job_age_seconds)",
                width=6,
                warn=old / 5,
                limit=old,
            ),
            stat(
                "Rows without a result",
                "Of batches that were accepted.",
                "short",
                "max(slipway_queue_pending_rows)",
                width=6,
                neutral=True,
            ),
            stat(
                "Workers up",
                "Red where WorkerDown fires.",
                "short",
                'sum(up{job="worker"}) or vector(0)',
                width=6,
                below=True,
                limit=1,
            ),
            stat(
                "Rows a second",
                "Results committed, over five minutes.",
                "rowsps",
                "sum(rate(slipway_worker_rows_total[5m]))",
                width=6,
                neutral=True,
            ),
            graph(
                "Jobs by state",
                "Every worker says the same.",
                "short",
                ("max by (queue, state) (slipway_queue_jobs)", "{{queue}} {{state}}"),
            ),
            graph(
                "Chunks by outcome",
                "BatchesFailing fires where failed and raised are above 5% for ten minutes.",
                "ops",
                ("sum by (outcome) (rate(slipway_worker_jobs_total[5m]))", "{{outcome}}"),
            ),
            graph(
                "Wait and work of a chunk, p95",
                "In the queue, and in a worker's hands.",
                "s",
                (
                    "histogram_quantile(0.95, sum by (le) (rate(slipway_queue_wait_seconds_bucket[5m])))",
                    "wait",
                ),
                (
                    "histogram_quantile(0.95, sum by (le)"
                    " (rate(slipway_worker_job_duration_seconds_bucket[5m])))",
                    "work",
                ),
            ),
            graph(
                "Rows by model",
                "Results committed a second.",
                "rowsps",
                (
                    'sum by (model, version) (rate(slipway_worker_rows_total{model=~"$model",'
                    ' version=~"$version"}[5m]))',
                    "{{model}} {{version}}",
                ),
            ),
            graph(
                "Redis and the store",
                "1 while Redis' exporter and every predictor reach them. RedisDown fires at 0 of one of the"
                " first two, StoreDown at 0 of the third.",
                "short",
                ("min(redis_up)", "redis by its exporter"),
                (
                    "max by (dependency) (slipway_predictor_dependency_up)",
                    "{{dependency}} by predictors",
                ),
                width=8,
            ),
            graph(
                "Redis memory",
                "Held by Redis. RedisMemorySaturated fires at 80% of its limit.",
                "bytes",
                ("redis_memory_used_bytes", "used"),
                ("redis_memory_max_bytes", "limit (0: none)"),
                width=8,
            ),
            graph(
                "Memory of the workers",
                "MemorySaturated fires at 90% of the limit.",
                "bytes",
                ("slipway_worker_memory_used_bytes", "{{instance}}"),
                ("slipway_worker_memory_limit_bytes", "{{instance}} limit"),
                width=8,
            ),
        ],
        ["WorkerDown", "QueueTooOld", "BatchesFailing", "RedisDown", "RedisMemorySaturated"],
    )
