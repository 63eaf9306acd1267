"""What a service answers, typed. Fields that a later release adds are ignored."""

from datetime import datetime
from typing import Any

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """One row's answer. request_id, index: what its true label is reported with."""

    prediction: str | float
    model_name: str
    model_version: str
    request_id: str
    confidence: float | None = None
    probabilities: dict[str, float] | None = None
    interval: tuple[float, float] | None = None
    index: int = 0


class Contribution(msgspec.Struct, frozen=True):
    """What one part of the input adds to the score."""

    field: str
    contribution: float
    start: int | None = None
    end: int | None = None
    text: str | None = None
    value: str | float | None = None


class Explained(msgspec.Struct, frozen=True):
    """An answer, and the contributions that add up to its score minus `base`."""

    answer: Answer
    method: str
    base: float
    contributions: list[Contribution]


class BatchState(msgspec.Struct, frozen=True):
    """How far a batch is. The rate and the estimate are of a running one."""

    id: str
    status: str
    model_name: str
    model_version: str
    rows_total: int
    rows_done: int
    rows_failed: int
    error: Any = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    rows_per_second: float | None = None
    estimated_finish_at: datetime | None = None

    @property
    def finished(self) -> bool:
        return self.status not in ("queued", "running")


def read_answers(body: dict[str, Any]) -> list[Answer]:
    """One answer, or several in the order of the rows."""
    if "predictions" not in body:
        return [msgspec.convert(body, Answer)]
    who = {name: body[name] for name in ("model_name", "model_version", "request_id")}
    return [
        msgspec.convert({**row, **who, "index": index}, Answer)
        for index, row in enumerate(body["predictions"])
    ]


def read_explained(body: dict[str, Any]) -> Explained:
    found = body["explanation"]
    (answer,) = read_answers(body)
    contributions = msgspec.convert(found["contributions"], list[Contribution])
    return Explained(answer, found["method"], found["base"], contributions)
