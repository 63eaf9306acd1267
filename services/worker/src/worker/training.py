"""One retraining: a training set in, a version and its gate report out.

Every step looks in the store first, so that a job that is delivered again goes on where the last
one was ended: a version that was published is not trained again, a report that is there counts.
"""

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from slipway.core.contracts.jobs import TrainingJob
from slipway.core.errors import (
    ArtifactRefused,
    Conflict,
    DataInvalid,
    ModelNotFound,
    NotFound,
    RecipeInvalid,
)
from slipway.model.artifact import MANIFEST, write
from slipway.model.cache import ModelCache
from slipway.model.datasets.keeping import read_manifest, read_rows
from slipway.model.datasets.records import DatasetManifest, Row
from slipway.model.gate_reports import GateReport, put_report, read_report
from slipway.model.golden import GOLDEN, read_golden
from slipway.model.loading import load
from slipway.model.registry import Registry
from slipway.model.training.dataset_rows import for_training
from slipway.model.training.resume import start_from
from slipway.model.training.train import Request, train
from slipway.model.transfer import publish
from worker.gate.judging import Contender, failed, judge
from worker.metrics import WorkerMetrics
from worker.pulse import Pulse
from worker.stopping import Stopping

log = logging.getLogger(__name__)

# What will not be otherwise the next time.
FINAL = (ArtifactRefused, Conflict, DataInvalid, ModelNotFound, NotFound, RecipeInvalid)
SEED = 20261123


@dataclass
class TrainingRunner:
    """What trainings are done with. module_packages: whose nn.Module classes a champion may name."""

    registry: Registry
    cache: ModelCache
    metrics: WorkerMetrics
    stopping: Stopping
    pulse: Pulse
    module_packages: Collection[str] = ()

    def run(self, job: TrainingJob) -> None:
        """Raises Unavailable for what may heal and Abandoned when the worker has to go; what cannot
        heal is the report."""
        began, outcome = time.perf_counter(), "raised"
        self.pulse.beat()
        try:
            report = read_report(self.registry, job.model, job.version)
            report = report or put_report(self.registry, self._report(job))
            outcome = report.outcome
        finally:
            self.pulse.rest()
            took = time.perf_counter() - began
            self.metrics.trainings.labels(outcome).inc()
            self.metrics.training_duration.observe(took)
            fields = {"model": job.model, "version": job.version, "outcome": outcome}
            log.info("training ended", extra=fields | {"retraining": job.retraining_id})

    def fail(self, job: TrainingJob, reason: str) -> None:
        """Ends the retraining for good. Raises Unavailable."""
        put_report(self.registry, failed(job, reason, datetime.now(UTC)))

    def _report(self, job: TrainingJob) -> GateReport:
        try:
            manifest = read_manifest(self.registry.store, job.dataset)
            rows = read_rows(self.registry.store, manifest)
            self._train(job, manifest, rows)
            return self._judge(job, manifest, rows)
        except FINAL as wrong:
            return failed(job, f"The training failed: {wrong}", datetime.now(UTC))

    def _train(self, job: TrainingJob, manifest: DatasetManifest, rows: list[Row]) -> None:
        key = self.registry.version_key(job.model, job.version, MANIFEST)
        if self.registry.store.exists(key):
            self._check_ours(job)
            return
        with TemporaryDirectory(prefix="slipway-training-") as scratch:
            start = None
            if job.warm:
                with self.cache.held(job.model, job.champion) as directory:
                    start = start_from(directory, manifest.recipe)
            request = Request(
                version=job.version,
                seed=SEED,
                now=datetime.now(UTC),
                commit=None,
                why=job.why,
                parent=job.champion,
                start=start,
                keep_training_state=True,
                made_by=made_by(job),
                keep=lambda _: job.dataset,
            )
            trained = train(manifest.recipe, for_training(manifest, rows), request, self._beat())
            made = Path(scratch) / "made"
            write(made, trained.manifest, trained.files)
            load(made)
            self._clear_unfinished(job)
            publish(self.registry, made)

    def _beat(self) -> Callable[[str, int, int, float], None]:
        def progress(name: str, epoch: int, epochs: int, loss: float) -> None:
            self.pulse.beat()
            self.stopping.check()

        return progress

    def _check_ours(self, job: TrainingJob) -> None:
        """Raises Conflict where somebody else took the version's number."""
        found = self.registry.version(job.model, job.version).manifest
        if found.made_by != made_by(job):
            raise Conflict(f"{job.model} {job.version} is {found.made_by}'s.")

    def _clear_unfinished(self, job: TrainingJob) -> None:
        """What a worker that was killed left of this version: a duration differs, so bytes do."""
        for entry in self.registry.files(job.model, job.version):
            self.registry.store.delete(entry.key)

    def _judge(self, job: TrainingJob, manifest: DatasetManifest, rows: list[Row]) -> GateReport:
        contenders = [
            self._contender(job.model, version) for version in (job.champion, job.version)
        ]
        self.pulse.beat()
        return judge(job, manifest, rows, contenders[0], contenders[1], datetime.now(UTC))

    def _contender(self, model: str, version: str) -> Contender:
        stored = self.registry.version(model, version)
        golden = read_golden(self.registry.read(model, version, GOLDEN))
        with self.cache.held(model, version) as directory:
            # Training state is left out: it is never loaded to serve.
            size = sum(
                entry.size_bytes
                for name, entry in stored.manifest.files.items()
                if name not in ("optimizer.safetensors", "training.json")
            )
            loaded = load(directory, module_packages=self.module_packages)
            return Contender(loaded, golden, size)


def made_by(job: TrainingJob) -> str:
    """For a version's manifest: that it is this retraining's."""
    return f"retraining {job.retraining_id}"
