"""What is written down of a batch, as JSON objects that are never changed."""

from datetime import datetime
from typing import Literal, TypeVar

import msgspec

SCHEMA = 1
READABLE = range(1, SCHEMA + 1)

Ending = Literal["succeeded", "failed", "cancelled"]


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was accepted. Times are UTC.

    expires_at: from when on neither input nor results are kept, whether finished or not.
    model_digest: of the version's manifest, so that no other version of the same number is taken.
    digest: of the request, in hex, so that a repeated one is told from another one under the
    same Idempotency-Key. upload: which upload's chunks count. chunk_rows: how many rows each
    chunk has. key_id: of the caller, None where keys are switched off.
    """

    schema: int
    batch_id: str
    model_name: str
    model_version: str
    model_digest: str
    created_at: datetime
    expires_at: datetime
    digest: str
    upload: str
    chunk_rows: tuple[int, ...]
    key_id: str | None = None

    @property
    def rows(self) -> int:
        return sum(self.chunk_rows)

    @property
    def chunks(self) -> range:
        return range(len(self.chunk_rows))

    def first_row(self, chunk: int) -> int:
        """The index in the batch of a chunk's first row."""
        return sum(self.chunk_rows[:chunk])

    def has_expired(self, now: datetime) -> bool:
        return now >= self.expires_at


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
