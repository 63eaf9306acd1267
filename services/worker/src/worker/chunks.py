"""One chunk: its rows in, its results committed, its batch ended if that was the last."""

import logging
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from slipway.batches import layout
from slipway.batches.finding import find_finished, find_manifest
from slipway.batches.finishing import end_early, mark_started
from slipway.batches.records import Manifest
from slipway.batches.rows import RowError, read_rows, result_lines
from slipway.core.contracts.jobs import ChunkJob
from slipway.core.errors import ArtifactRefused, Conflict, ModelNotFound, NotFound
from slipway.core.store import Store
from worker.answering import Answer, answers
from worker.heartbeat import Heartbeat
from worker.metrics import WorkerMetrics
from worker.pulse import Pulse
from worker.stopping import Abandoned, Stopping
from worker.tally import Tally
from worker.warm_models import WarmModels

log = logging.getLogger(__name__)

_REMEMBERED = 16


@dataclass
class ChunkRunner:
    """What chunks are computed with. Remembers the manifests of the last few batches."""

    store: Store
    models: WarmModels
    metrics: WorkerMetrics
    heartbeat: Heartbeat
    tally: Tally
    stopping: Stopping
    pulse: Pulse
    _manifests: OrderedDict[str, Manifest] = field(default_factory=OrderedDict)

    def run(self, job: ChunkJob) -> None:
        """Computes and commits the chunk, unless that was done before or another worker is at it.

        Raises Unavailable for what may heal and Abandoned when the worker has to go; what cannot
        heal ends the batch.
        """
        with self._counted(job) as outcome:
            outcome.word = self._run(job)

    def fail(self, job: ChunkJob, error: str) -> None:
        """Ends the batch for good. Raises Unavailable."""
        manifest = find_manifest(self.store, job.batch_id)
        end_early(self.store, manifest, "failed", datetime.now(UTC), error=error)
        self.tally.close(manifest)

    def _run(self, job: ChunkJob) -> str:
        try:
            manifest = self._manifest(job.batch_id)
            if self._nothing_to_do(manifest, job.chunk):
                return "skipped"
            with self.heartbeat.lease(job) as mine:
                if not mine:
                    return "held"
                return self._commit(manifest, job.chunk, self._compute(manifest, job.chunk))
        except NotFound:
            return self._gone(job)
        except (ModelNotFound, ArtifactRefused) as wrong:
            self.fail(job, str(wrong))
            return "failed"

    def _gone(self, job: ChunkJob) -> str:
        """The batch or its input is not there, as it should be only once the batch has ended."""
        with suppress(NotFound):
            if not self._is_over(find_manifest(self.store, job.batch_id)):
                self.fail(job, f"The input of chunk {job.chunk} is gone.")
                return "failed"
        return "skipped"

    def _manifest(self, batch_id: str) -> Manifest:
        if batch_id not in self._manifests:
            self._manifests[batch_id] = find_manifest(self.store, batch_id)
            while len(self._manifests) > _REMEMBERED:
                self._manifests.popitem(last=False)
        return self._manifests[batch_id]

    def _nothing_to_do(self, manifest: Manifest, chunk: int) -> bool:
        if self._is_over(manifest) or chunk not in manifest.chunks:
            return True
        if not self.store.exists(layout.result_key(manifest.batch_id, chunk)):
            return False
        self.tally.finish(manifest)
        return True

    def _is_over(self, manifest: Manifest) -> bool:
        ended = find_finished(self.store, manifest.batch_id) is not None
        return ended or manifest.has_expired(datetime.now(UTC))

    def _compute(self, manifest: Manifest, chunk: int) -> list[Answer]:
        asked = (manifest.model_name, manifest.model_version, manifest.model_digest)
        warm = self.models.get(*asked)
        mark_started(self.store, manifest.batch_id, datetime.now(UTC))
        body = self.store.read(layout.input_key(manifest.batch_id, manifest.upload, chunk))
        return answers(warm.model, read_rows(body), warm.size, self._between_forwards)

    def _between_forwards(self) -> None:
        self.stopping.check()
        self.pulse.beat()

    def _commit(self, manifest: Manifest, chunk: int, found: list[Answer]) -> str:
        result = result_lines(manifest.first_row(chunk), found)
        try:
            self.store.create(layout.result_key(manifest.batch_id, chunk), result)
        except Conflict:
            return "late"
        self.metrics.rows.labels(manifest.model_name, manifest.model_version).inc(len(found))
        self.tally.note(manifest, chunk, sum(isinstance(answer, RowError) for answer in found))
        return "committed"

    @contextmanager
    def _counted(self, job: ChunkJob) -> Iterator["_Outcome"]:
        began = time.perf_counter()
        outcome = _Outcome()
        self.pulse.beat()
        try:
            yield outcome
        except Abandoned:
            outcome.word = "abandoned"
            raise
        finally:
            self.pulse.rest()
            self.metrics.jobs.labels(outcome.word).inc()
            self.metrics.job_duration.observe(time.perf_counter() - began)
            fields = {"batch": job.batch_id, "chunk": job.chunk, "outcome": outcome.word}
            log.info("chunk ended", extra=fields)


@dataclass
class _Outcome:
    word: str = "raised"
