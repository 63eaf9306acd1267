"""What is written down of a batch, as JSON objects that are never changed."""

from datetime import datetime
from typing import Literal, TypeVar

import msgspec

SCHEMA = 1
READABLE = range(1, SCHEMA + 1)

Ending = Literal["succeeded", "failed", "cancelled"]


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was accepted. Times are UTC.

    key_id: of the caller, None where no keys are configured. digest: of the request, in hex, so
    that a repeated one is told from another one under the same Idempotency-Key. upload: which
    upload's chunks count. chunk_rows: how many rows each chunk has.
    """

    schema: int
    batch_id: str
    model_name: str
    model_version: str
    created_at: datetime
    digest: str
    upload: str
    chunk_rows: tuple[int, ...]
    key_id: str | None = None

    @property
    def rows(self) -> int:
        return sum(self.chunk_rows)

    def first_row(self, chunk: int) -> int:
        """The index in the batch of a chunk's first row."""
        return sum(self.chunk_rows[:chunk])


class Started(msgspec.Struct, frozen=True):
    """When the first chunk was begun."""

    schema: int
    started_at: datetime


class Finished(msgspec.Struct, frozen=True, omit_defaults=True):
    """How it ended. rows_done counts rows with an answer or an error of their own."""

    schema: int
    status: Ending
    finished_at: datetime
    rows_done: int
    rows_failed: int
    error: str | None = None


Record = TypeVar("Record", Manifest, Started, Finished)


def to_json(record: Manifest | Started | Finished) -> bytes:
    return msgspec.json.encode(record)


def from_json(body: bytes, kind: type[Record]) -> Record:
    """Raises ValueError for anything else, a schema of another release included."""
    record = msgspec.json.decode(body, type=kind)
    if record.schema not in READABLE:
        raise ValueError(f"batch schema {record.schema}, this release reads up to {SCHEMA}")
    return record
