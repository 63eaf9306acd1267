"""A retraining as it is kept: one record, and a row for each step with the numbers that caused it."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from monitor.prediction_log.tables import retraining_steps, retrainings

State = Literal["training", "gate", "shadow", "canary", "waiting", "done"]
Outcome = Literal[
    "promoted", "rejected", "rolled_back", "refused", "failed", "superseded", "lapsed"
]

OPEN_STATES: tuple[State, ...] = ("training", "gate", "shadow", "canary", "waiting")


class Retraining(NamedTuple):
    """One retraining. champion: who is to be replaced; version: the challenger's number.

    step counts moves; `applied`: the alias says what the step wants. generation: of the newest alias
    that this retraining knows. since and until: of the step in hand, seconds since 1970. notes: what
    later steps need (counters at the step's start, what the gate found, the job's delivery).
    """

    retraining_id: str
    model: str
    champion: str
    version: str
    kind: str
    reason: str
    state: State
    outcome: Outcome | None
    started: float
    changed: float
    step: int
    applied: bool
    generation: int
    since: float
    until: float | None
    dataset: str
    must_gain: bool
    notes: dict[str, Any]

    @property
    def open(self) -> bool:
        return self.state != "done"


class Step(NamedTuple):
    """One move, as it is shown."""

    step: int
    time: float
    state: State
    outcome: Outcome | None
    reason: str
    figures: dict[str, Any]


def _columns(record: Retraining) -> dict[str, Any]:
    """`open_model` is unique: one retraining of a model at a time, whoever asks. One that has ended
    is open until the alias says so too."""
    is_open = record.open or not record.applied
    return {**record._asdict(), "open_model": record.model if is_open else None}


def begin(
    connection: Connection, record: Retraining, figures: dict[str, Any], said: str | None = None
) -> None:
    """said: of the first step, else the record's reason. Raises IntegrityError where another one of
    the model is open."""
    connection.execute(insert(retrainings).values(**_columns(record)))
    _add_step(connection, record, said or record.reason, figures)


def move(connection: Connection, record: Retraining, reason: str, figures: dict[str, Any]) -> None:
    """Writes down the record as it is after a step, and the step."""
    keep(connection, record)
    _add_step(connection, record, reason, figures)


def keep(connection: Connection, record: Retraining) -> None:
    """Writes down the record where no step was taken."""
    of_it = retrainings.c.retraining_id == record.retraining_id
    connection.execute(update(retrainings).where(of_it).values(**_columns(record)))


def _add_step(
    connection: Connection, record: Retraining, reason: str, figures: dict[str, Any]
) -> None:
    values = {
        "retraining_id": record.retraining_id,
        "step": record.step,
        "time": record.changed,
        "state": record.state,
        "outcome": record.outcome,
        "reason": reason,
        "figures": figures,
    }
    connection.execute(insert(retraining_steps).values(**values))


def _record(row: Any) -> Retraining:
    return Retraining(**{name: getattr(row, name) for name in Retraining._fields})


def open_retrainings(connection: Connection) -> list[Retraining]:
    found = select(retrainings).where(retrainings.c.open_model.is_not(None))
    return [_record(row) for row in connection.execute(found.order_by(retrainings.c.id))]


def retrainings_of(connection: Connection, model: str, limit: int = 50) -> list[Retraining]:
    """The newest first."""
    found = select(retrainings).where(retrainings.c.model == model)
    rows = connection.execute(found.order_by(retrainings.c.id.desc()).limit(limit))
    return [_record(row) for row in rows]


def find_retraining(connection: Connection, retraining_id: str) -> Retraining | None:
    of_it = retrainings.c.retraining_id == retraining_id
    row = connection.execute(select(retrainings).where(of_it)).first()
    return None if row is None else _record(row)


def steps_of(connection: Connection, retraining_id: str) -> Sequence[Step]:
    found = select(retraining_steps).where(retraining_steps.c.retraining_id == retraining_id)
    rows = connection.execute(found.order_by(retraining_steps.c.step)).all()
    return [Step(*(getattr(row, name) for name in Step._fields)) for row in rows]


def begun_since(connection: Connection, model: str, since: float) -> list[float]:
    """When the model's retrainings were begun that trained something: refused ones did not."""
    found = select(retrainings.c.started).where(
        retrainings.c.model == model,
        retrainings.c.started >= since,
        func.coalesce(retrainings.c.outcome, "") != "refused",
    )
    return list(connection.scalars(found.order_by(retrainings.c.started)))
