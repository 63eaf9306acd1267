"""Takes the steps of open retrainings, round after round.

A step is written down first and then applied: what the alias says is compared with what the step
wants at every look, so that a monitor may be killed between any two lines of this.
"""

import logging
import time
from dataclasses import dataclass, field, replace
from typing import Any

from monitor.prediction_log.happenings import note
from monitor.prediction_log.opening import PredictionLog
from monitor.retraining.aliases import apply, foreign_in
from monitor.retraining.counters import Counters, PredictorCounters, since
from monitor.retraining.health import Health
from monitor.retraining.moves import Facts, Move, Plan, next_move, wish_of
from monitor.retraining.record import Retraining, keep, move, open_retrainings, steps_of
from monitor.retraining.role_figures import health_of
from slipway.core.contracts.jobs import SCHEMA, TrainingJob
from slipway.core.errors import ArtifactRefused, Conflict
from slipway.model.aliases import Alias
from slipway.model.artifact import MANIFEST
from slipway.model.gate_reports import read_report
from slipway.model.refusals import refusals
from slipway.model.registry import Registry
from slipway.queue.training_queue import TrainingQueue

log = logging.getLogger(__name__)


@dataclass
class Stepping:
    """What steps are taken with. warm: trainings go on from the champion's weights."""

    log: PredictionLog
    registry: Registry
    queue: TrainingQueue
    counters: PredictorCounters
    plan: Plan
    warm: bool
    _job_seen: dict[str, float] = field(default_factory=dict)

    def look(self) -> None:
        """One round over every open retraining. Raises Unavailable."""
        with self.log.reading() as connection:
            records = open_retrainings(connection)
        for record in records:
            self._look_at(record)

    def _look_at(self, record: Retraining) -> None:
        now = time.time()
        newest = self.registry.newest(record.model)
        if newest is None:
            return
        facts = Facts(now=now, foreign=foreign_in(newest, record))
        if facts.foreign is None:
            record = self._applied(record, newest)
            if record.open:
                facts = self._facts(record, facts)
        elif not record.open:
            # It has ended, and somebody has decided what serves: nothing is left to say.
            self._keep(record._replace(applied=True))
            return
        found = next_move(record, facts, self.plan) if record.open else None
        if found is not None:
            self._take(record, found, newest, facts.foreign is not None)

    def _applied(self, record: Retraining, newest: Alias) -> Retraining:
        """The record, once the alias says what its step wants."""
        if record.applied:
            return record
        with self.log.reading() as connection:
            why = steps_of(connection, record.retraining_id)[-1].reason
        try:
            alias = apply(self.registry, newest, record, wish_of(record, self.plan), why)
        except Conflict as wrong:
            extra = {"model": record.model, "retraining": record.retraining_id}
            log.warning("step not applied", extra=extra | {"reason": str(wrong)})
            return self._not_applicable(record, newest, str(wrong))
        record = record._replace(applied=True, generation=alias.generation)
        self._keep(record)
        return record

    def _not_applicable(self, record: Retraining, newest: Alias, reason: str) -> Retraining:
        """Somebody was first: the next look sees who. Nobody was: the version may not serve."""
        now_newest = self.registry.newest_generation(record.model)
        if now_newest != newest.generation:
            return record
        ended = record._replace(
            state="done",
            outcome="failed",
            step=record.step + 1,
            applied=newest.challenger is None,
            changed=time.time(),
        )
        with self.log.writing() as connection:
            move(connection, ended, reason, {})
        return ended

    def _keep(self, record: Retraining) -> None:
        with self.log.writing() as connection:
            keep(connection, record)

    def _facts(self, record: Retraining, facts: Facts) -> Facts:
        if record.state in ("training", "gate"):
            return self._training_facts(record, facts)
        if record.state not in ("shadow", "canary"):
            return facts
        refused = next(
            (
                r.reason
                for r in refusals(self.registry, record.model)
                if r.version == record.version
            ),
            None,
        )
        return replace(facts, refused=refused, health=self._health(record))

    def _training_facts(self, record: Retraining, facts: Facts) -> Facts:
        try:
            report = read_report(self.registry, record.model, record.version)
        except ArtifactRefused:
            report = None
        if report is not None and report.retraining_id != record.retraining_id:
            report = None
        job = self._job(record)
        if report is None:
            if record.retraining_id not in self._job_seen:
                self.queue.put(job)  # nothing happens where it is there already
                self._job_seen[record.retraining_id] = facts.now
            elif self.queue.has(job):
                self._job_seen[record.retraining_id] = facts.now
        manifest = self.registry.version_key(record.model, record.version, MANIFEST)
        return replace(
            facts,
            report=report,
            published=self.registry.store.exists(manifest),
            job_seen=self._job_seen.get(record.retraining_id, facts.now),
        )

    def _job(self, record: Retraining) -> TrainingJob:
        return TrainingJob(
            schema=SCHEMA,
            retraining_id=record.retraining_id,
            model=record.model,
            champion=record.champion,
            version=record.version,
            dataset=record.dataset,
            why=f"{record.kind}: {record.reason} (retraining {record.retraining_id})",
            warm=self.warm,
            must_gain=record.must_gain,
            delivery=record.notes.get("delivery", 1),
        )

    def _health(self, record: Retraining) -> Health:
        """Since the step began, however often it was made longer.

        Failures are the predictors' to tell, the rest is in the log.
        """
        with self.log.reading() as connection:
            health = health_of(
                connection,
                record.model,
                record.champion,
                record.version,
                record.state,
                record.notes.get("seen_since", record.since),
            )
        before: Counters = record.notes.get("counters", {})
        now = self.counters.read(record.model)
        for name, version in (("champion", record.champion), ("challenger", record.version)):
            made, failed = since(before, now, version)
            figures = getattr(health, name)
            counted = replace(figures, requests=max(made, figures.requests), errors=failed)
            health = replace(health, **{name: counted})
        return health

    def _take(self, record: Retraining, found: Move, newest: Alias, foreign: bool) -> None:
        now = time.time()
        notes: dict[str, Any] = record.notes | found.notes
        if found.state in ("shadow", "canary") and not found.goes_on:
            notes |= {"counters": self.counters.read(record.model), "seen_since": now}
        after = record._replace(
            state=found.state,
            outcome=found.outcome,
            step=record.step + 1,
            changed=now,
            since=now,
            until=None if found.seconds is None else now + found.seconds,
            generation=newest.generation if foreign else record.generation,
            notes=notes,
        )
        wants = wish_of(after, self.plan).mode != "nothing" or record.state in ("shadow", "canary")
        after = after._replace(applied=foreign or not wants)
        with self.log.writing() as connection:
            move(connection, after, found.reason, found.figures)
            _mark(connection, after, found.reason)
        extra = {"model": record.model, "retraining": record.retraining_id, "state": after.state}
        log.info("retraining moves", extra=extra | {"outcome": after.outcome or ""})
        if found.again:
            self.queue.put(self._job(after))
            self._job_seen[record.retraining_id] = now
        if not after.applied:
            self._applied(after, newest)


def _mark(connection: Any, record: Retraining, reason: str) -> None:
    """On the model's timeline."""
    note(
        connection,
        f"retraining:{record.retraining_id}:{record.step}",
        "retraining",
        model=record.model,
        version=record.version,
        time=record.changed,
        details={
            "retraining": record.retraining_id,
            "state": record.state,
            "outcome": record.outcome,
            "reason": reason[:500],
        },
    )
