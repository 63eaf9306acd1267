"""One chunk: rows in, results committed."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from slipway.batches import layout
from slipway.batches.finding import finished_of, manifest_of
from slipway.batches.finishing import end_early, finish_if_complete, mark_started
from slipway.batches.records import Manifest
from slipway.batches.rows import InputRow, RowError, read_rows, result_lines
from slipway.core.contracts.jobs import ChunkJob
from slipway.core.errors import ArtifactRefused, Conflict, ModelNotFound
from slipway.core.store import Store
from slipway.model.prediction import Prediction
from slipway.model.runtime import Model
from worker.metrics import WorkerMetrics
from worker.warm_models import WarmModels

log = logging.getLogger(__name__)

_ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class ChunkRunner:
    """What a chunk is computed with."""

    store: Store
    models: WarmModels
    metrics: WorkerMetrics

    def run(self, job: ChunkJob) -> None:
        """Computes and commits the chunk, unless that was done before."""
        began = time.perf_counter()
        outcome = "failed"
        try:
            outcome = self._run(job)
        finally:
            self.metrics.jobs.labels(outcome).inc()
            self.metrics.job_duration.observe(time.perf_counter() - began)
            log.info(
                "chunk ended",
                extra={"batch": job.batch_id, "chunk": job.chunk, "outcome": outcome},
            )

    def _run(self, job: ChunkJob) -> str:
        store, manifest = self.store, manifest_of(self.store, job.batch_id)
        if finished_of(store, job.batch_id) is not None:
            return "skipped"
        result_key = layout.result_key(job.batch_id, job.chunk)
        if store.exists(result_key):
            finish_if_complete(store, manifest, datetime.now(UTC))
            return "skipped"
        mark_started(store, job.batch_id, datetime.now(UTC))
        try:
            model = self.models.get(manifest.model_name, manifest.model_version)
        except (ModelNotFound, ArtifactRefused) as wrong:
            end_early(store, manifest, "failed", datetime.now(UTC), str(wrong))
            return "failed"
        result = self._compute(manifest, job.chunk, model)
        try:
            store.create(result_key, result)
        except Conflict:
            return "late"
        self.metrics.rows.labels(model.name, model.version).inc(manifest.chunk_rows[job.chunk])
        finish_if_complete(store, manifest, datetime.now(UTC))
        return "committed"

    def _compute(self, manifest: Manifest, chunk: int, model: Model) -> bytes:
        body = self.store.read(layout.input_key(manifest.batch_id, manifest.upload, chunk))
        return result_lines(manifest.first_row(chunk), answers(model, read_rows(body)))


def answers(model: Model, rows: Sequence[InputRow]) -> list[Prediction | RowError]:
    """A prediction for each good row and its error for each bad one, in order."""
    good = [row.instance for row in rows if row.instance is not None]
    predictions = iter(
        prediction
        for start in range(0, len(good), _ROWS_AT_ONCE)
        for prediction in model.predict(good[start : start + _ROWS_AT_ONCE])
    )
    return [row.error if row.error is not None else next(predictions) for row in rows]
