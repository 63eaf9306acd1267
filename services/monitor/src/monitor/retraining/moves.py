"""What a retraining does next: pure, from the record and the facts of the moment to one move, or none.

Nothing is remembered outside the record, so that a monitor that was restarted goes on where the
last one was. What an alias is to say follows from the record as well (`wish_of`): it is compared
with what the newest alias says, and put where that is not so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from monitor.retraining.canary_share import share_of, widened
from monitor.retraining.health import Health, Limits, RoleFigures, judge_health
from monitor.retraining.record import Outcome, Retraining, State
from slipway.model.gate_reports import GateReport

# A job that nobody has seen for so long is lost, and put on the queue again so often.
LOST_AFTER_SECONDS = 30.0
MAX_DELIVERIES = 5
# How often a step that had too few requests is begun again.
MAX_REPEATS = 20
# A step ends by itself at its time; the next one begins a little before, so that there is no gap.
DECIDE_AT = 0.8


_NOTHING = Health(RoleFigures(), RoleFigures())


@dataclass(frozen=True)
class Plan:
    """The settings of the same names."""

    auto_promote: Literal["off", "canary", "on"]
    promote_within_seconds: float
    shadow_ratio: float
    shadow_seconds: float
    shadow_min_rows: int
    canary_ratios: Sequence[float]
    canary_step_seconds: float
    canary_min_requests: int
    errors_ratio: float
    latency_ratio: float
    disagreement_ratio: float

    def limits(self, record: Retraining) -> Limits:
        """Of the step in hand."""
        shadow = record.state == "shadow"
        return Limits(
            self.errors_ratio,
            self.latency_ratio,
            self.disagreement_ratio,
            record.notes.get("disagreement", 0.0),
            self.shadow_min_rows if shadow else self.canary_min_requests,
            "rows" if shadow else "requests",
        )


@dataclass(frozen=True)
class Foreign:
    """Somebody else's alias: who serves now, who decided, and why."""

    champion: str
    challenger: str | None
    who: str
    why: str


@dataclass(frozen=True)
class Facts:
    """Of the moment. published: the challenger is in the store. job_seen: when its job was last seen
    on the queue. refused: why a process would not load the challenger."""

    now: float
    published: bool = False
    report: GateReport | None = None
    job_seen: float = 0.0
    foreign: Foreign | None = None
    health: Health | None = None
    refused: str | None = None


@dataclass(frozen=True)
class Move:
    """The next step. again: the job is to be put on the queue once more. goes_on: the same step
    lasts longer, and what it has seen so far counts."""

    state: State
    reason: str
    figures: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome | None = None
    seconds: float | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    again: bool = False
    goes_on: bool = False


@dataclass(frozen=True)
class Wish:
    """What the alias is to say of the challenger. nothing: the champion alone. shadow_ratio: what a
    canary goes on scoring unseen."""

    mode: Literal["nothing", "shadow", "canary", "champion"]
    ratio: float = 0.0
    shadow_ratio: float = 0.0


def wish_of(record: Retraining, plan: Plan) -> Wish:
    """What the step in hand wants."""
    if record.state == "shadow":
        return Wish("shadow", plan.shadow_ratio)
    if record.state == "canary":
        return Wish("canary", share_of(record.notes, plan.canary_ratios), plan.shadow_ratio)
    if record.outcome == "promoted" and record.notes.get("promote"):
        return Wish("champion")
    return Wish("nothing")


def next_move(record: Retraining, facts: Facts, plan: Plan) -> Move | None:
    """None where there is nothing to do but to wait."""
    if facts.foreign is not None:
        return _after_foreign(record, facts.foreign)
    if record.state in ("training", "gate"):
        return _training(record, facts, plan)
    if record.state == "waiting":
        return _waiting(record, facts)
    if facts.refused is not None:
        return Move("done", f"A process would not load it: {facts.refused}.", outcome="rolled_back")
    if record.state == "shadow":
        return _shadow(record, facts, plan)
    return _canary(record, facts, plan)


def _after_foreign(record: Retraining, foreign: Foreign) -> Move | None:
    """A person has decided otherwise, or as was proposed."""
    by = f"by {foreign.who}: {foreign.why}"
    if foreign.champion == record.version:
        return Move("done", f"Promoted {by}", outcome="promoted")
    if foreign.champion != record.champion:
        return Move("done", f"{foreign.champion} was promoted {by}", outcome="superseded")
    if record.state in ("shadow", "canary") and foreign.challenger != record.version:
        return Move("done", f"Ended {by}", outcome="superseded")
    return None


def _training(record: Retraining, facts: Facts, plan: Plan) -> Move | None:
    report = facts.report
    if report is not None:
        figures = {"checks": len(report.checks), "disagreement": report.disagreement}
        if report.outcome == "passed":
            reason = f"The gate passed it. {report.reason}"
            notes = {"disagreement": report.disagreement}
            return Move("shadow", reason, figures, seconds=plan.shadow_seconds, notes=notes)
        outcome: Outcome = "rejected" if report.outcome == "rejected" else "failed"
        return Move("done", report.reason, figures, outcome=outcome)
    if facts.published and record.state == "training":
        return Move("gate", f"{record.version} is trained and in the store.")
    if facts.now - max(facts.job_seen, record.changed) > LOST_AFTER_SECONDS:
        delivery = record.notes.get("delivery", 1)
        if delivery >= MAX_DELIVERIES:
            reason = f"Its job was lost {delivery} times: is there a worker on the queue training?"
            return Move("done", reason, outcome="failed")
        reason = "Its job was lost, and is on the queue again."
        return Move(record.state, reason, notes={"delivery": delivery + 1}, again=True)
    return None


def _shadow(record: Retraining, facts: Facts, plan: Plan) -> Move | None:
    health = facts.health or _NOTHING
    verdict, said = judge_health(health, plan.limits(record))
    figures = health.figures()
    if verdict == "bad":
        return Move("done", f"In the shadow: {said}", figures, outcome="rolled_back")
    if not _time_to_decide(record, facts.now):
        return None
    if verdict == "too_few":
        return _once_more(record, said, figures, plan.shadow_seconds, facts.now)
    if plan.auto_promote == "off":
        reason = f"In the shadow: {said} A person decides (SLIPWAY_AUTO_PROMOTE=off)."
        return Move("waiting", reason, figures, seconds=plan.promote_within_seconds)
    return Move(
        "canary",
        f"In the shadow: {said} It answers {_percent(plan.canary_ratios[0])} of the requests.",
        figures,
        seconds=plan.canary_step_seconds,
        notes={"ratio": 0, "widened": None, "repeats": 0},
    )


def _canary(record: Retraining, facts: Facts, plan: Plan) -> Move | None:
    health = facts.health or _NOTHING
    place = record.notes["ratio"]
    now_at = f"At {_percent(share_of(record.notes, plan.canary_ratios))}:"
    verdict, said = judge_health(health, plan.limits(record))
    figures = health.figures()
    if verdict == "bad":
        return Move("done", f"{now_at} {said}", figures, outcome="rolled_back")
    if not _time_to_decide(record, facts.now):
        return None
    if verdict == "too_few":
        wider = None if _ended(record, facts.now) else _wider(record, health, plan)
        return wider or _once_more(record, said, figures, plan.canary_step_seconds, facts.now)
    if place + 1 < len(plan.canary_ratios):
        return Move(
            "canary",
            f"{now_at} {said} It answers {_percent(plan.canary_ratios[place + 1])} of the requests.",
            figures,
            seconds=plan.canary_step_seconds,
            notes={"ratio": place + 1, "widened": None, "repeats": 0},
        )
    if plan.auto_promote == "on":
        reason = f"{now_at} {said} Promoted (SLIPWAY_AUTO_PROMOTE=on)."
        return Move("done", reason, figures, outcome="promoted", notes={"promote": True})
    reason = f"{now_at} {said} A person decides (SLIPWAY_AUTO_PROMOTE={plan.auto_promote})."
    return Move("waiting", reason, figures, seconds=plan.promote_within_seconds)


def _wider(record: Retraining, health: Health, plan: Plan) -> Move | None:
    """None where it is but a matter of time until enough have asked."""
    mine, theirs = health.challenger.requests, health.champion.requests
    needed = plan.canary_min_requests
    notes = widened(record.notes, plan.canary_ratios, mine + theirs, mine, needed)
    if notes is None:
        return None
    before, after = (share_of(n, plan.canary_ratios) for n in (record.notes, record.notes | notes))
    reason = (
        f"At {_percent(before)}: {mine} of {mine + theirs} requests were its callers'; {needed} are needed. "
        f"Callers are moved whole, and these are too few of them: it answers {_percent(after)}."
    )
    figures = health.figures()
    return Move("canary", reason, figures, seconds=plan.canary_step_seconds, notes=notes)


def _waiting(record: Retraining, facts: Facts) -> Move | None:
    if record.until is not None and facts.now >= record.until:
        reason = "Nobody promoted it in time (SLIPWAY_PROMOTE_WITHIN_SECONDS)."
        return Move("done", reason, outcome="lapsed")
    return None


def _time_to_decide(record: Retraining, now: float) -> bool:
    until = record.until if record.until is not None else now
    return now >= record.since + DECIDE_AT * (until - record.since)


def _ended(record: Retraining, now: float) -> bool:
    """Whether the step has ended by itself: the champion has answered alone since."""
    return record.until is not None and now >= record.until


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"


def _once_more(
    record: Retraining, said: str, figures: dict[str, Any], seconds: float, now: float
) -> Move:
    """The same step for longer: too few requests, or the monitor was away when it ended."""
    repeats = record.notes.get("repeats", 0) + 1
    if repeats > MAX_REPEATS:
        return Move("done", f"Too few requests to judge it: {said}", figures, outcome="lapsed")
    away = _ended(record, now)
    why = "The step had ended by itself" if away else "Too few requests"
    reason = f"{why}: {said} {'Once more.' if away else 'It goes on.'}"
    notes = {"repeats": repeats}
    return Move(record.state, reason, figures, seconds=seconds, notes=notes, goes_on=not away)
