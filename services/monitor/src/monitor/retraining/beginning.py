"""Begins retrainings: what the figures ask for, and what people do."""

import logging
import secrets
from datetime import UTC, datetime

from sqlalchemy.exc import IntegrityError

from monitor.retraining.brakes import Refused
from monitor.retraining.preparing import Prepared, Preparing
from monitor.retraining.record import Retraining, begin, find_retraining, retrainings_of
from monitor.retraining.trigger import Trigger
from slipway.model.datasets.keeping import keep
from slipway.model.registry import Registry
from slipway.model.retrain_requests import RetrainRequest, forget, requests_for

log = logging.getLogger(__name__)

# A retraining that was refused is looked at again after so long, or after the cooldown.
REFUSED_AGAIN_SECONDS = 600.0


class Beginning:
    """automatic: whether triggers begin one, or only propose it."""

    def __init__(self, preparing: Preparing, *, automatic: bool) -> None:
        self._preparing = preparing
        self._automatic = automatic

    def look(self, model: str, now: float) -> None:
        """One round over one model. Raises Unavailable."""
        registry = self._preparing.registry
        if registry is None:
            return
        for request in requests_for(registry, model):
            self._asked(registry, model, request, now)
        if self._automatic and not self._was_refused(model, now):
            trigger = self._preparing.trigger(model, now)
            if trigger is not None:
                made = datetime.fromtimestamp(now, UTC)
                retraining_id = f"{made:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
                self._begin(model, retraining_id, trigger, now, None)

    def _asked(self, registry: Registry, model: str, request: RetrainRequest, now: float) -> None:
        with self._preparing.log.reading() as connection:
            known = find_retraining(connection, request.request_id)
        if known is None:
            trigger = Trigger("person", f"Asked for by {request.who}: {request.why}")
            self._begin(model, request.request_id, trigger, now, request)
        forget(registry, model, request.request_id)

    def _begin(
        self,
        model: str,
        retraining_id: str,
        trigger: Trigger,
        now: float,
        asked: RetrainRequest | None,
    ) -> None:
        try:
            prepared = self._preparing.prepare(model, trigger, now, asked)
        except Refused as refused:
            if asked is None and refused.code in ("open", "cooldown", "budget"):
                return  # a brake, shown with the proposal; nothing was tried
            self._write_refused(model, retraining_id, trigger, refused, now)
            return
        self._write(model, retraining_id, prepared, now)

    def _write(self, model: str, retraining_id: str, prepared: Prepared, now: float) -> None:
        dataset = keep(
            prepared.registry.store,
            prepared.recipe,
            prepared.made.rows,
            made_by=f"retraining {retraining_id}",
            now=datetime.fromtimestamp(now, UTC),
            parent=prepared.parent.digest,
            holdout_is_new=prepared.made.holdout_is_new,
        )
        record = _record(model, retraining_id, prepared.trigger, now)._replace(
            champion=prepared.alias.champion,
            version=prepared.version,
            generation=prepared.alias.generation,
            dataset=dataset.digest,
        )
        figures = prepared.trigger.figures | {"rows": dataset.rows, "live": prepared.made.live}
        figures = figures | {"left_out": prepared.made.left_out}
        try:
            with self._preparing.log.writing() as connection:
                begin(connection, record, figures)
        except IntegrityError:
            return  # another one of this model was begun meanwhile
        extra = {"model": model, "retraining": retraining_id, "kind": record.kind}
        log.info("retraining begins", extra=extra)

    def _write_refused(
        self, model: str, retraining_id: str, trigger: Trigger, refused: Refused, now: float
    ) -> None:
        record = _record(model, retraining_id, trigger, now)._replace(
            state="done", outcome="refused", notes={"code": refused.code, "refused": refused.reason}
        )
        figures = {"trigger": trigger.reason, **trigger.figures}
        with self._preparing.log.writing() as connection:
            begin(connection, record, figures, said=refused.reason)
        log.warning("retraining refused", extra={"model": model, "reason": refused.code})

    def _was_refused(self, model: str, now: float) -> bool:
        """Whether the last one was, of late: making a set only to refuse it costs much."""
        wait = min(REFUSED_AGAIN_SECONDS, self._preparing.brakes.cooldown_seconds)
        with self._preparing.log.reading() as connection:
            last = retrainings_of(connection, model, 1)
        return bool(last) and last[0].outcome == "refused" and now - last[0].started < wait


def _record(model: str, retraining_id: str, trigger: Trigger, now: float) -> Retraining:
    """At its first step: training, the job still to be put on the queue."""
    return Retraining(
        retraining_id=retraining_id,
        model=model,
        champion="",
        version="",
        kind=trigger.kind,
        reason=trigger.reason,
        state="training",
        outcome=None,
        started=now,
        changed=now,
        step=1,
        applied=True,
        generation=0,
        since=now,
        until=None,
        dataset="",
        must_gain=trigger.must_gain,
        notes={"delivery": 1},
    )
