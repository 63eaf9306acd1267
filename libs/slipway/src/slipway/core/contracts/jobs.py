"""What is put on the batch queue: a job's payload refers to data and carries none."""

from typing import Any

import msgspec

SCHEMA = 1
READABLE = range(1, SCHEMA + 1)
# The name under which a worker knows the function; workers run nothing else from this queue.
RUN_CHUNK = "worker.jobs.run_chunk"


class ChunkJob(msgspec.Struct, frozen=True):
    """One chunk of one batch. delivery: how often it has been put on the queue, from 1."""

    schema: int
    batch_id: str
    chunk: int
    delivery: int

    @property
    def job_id(self) -> str:
        """Of RQ: each delivery is a job of its own, so that none meets another's remains."""
        return f"{self.batch_id}-{self.chunk:08d}-{self.delivery}"

    @classmethod
    def from_job_id(cls, job_id: str) -> "ChunkJob":
        """Raises ValueError for the id of another kind of job."""
        batch_id, chunk, delivery = job_id.split("-")
        return cls(SCHEMA, batch_id, int(chunk), int(delivery))

    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = msgspec.to_builtins(self)
        return payload


def chunk_job_from_payload(payload: Any) -> ChunkJob:
    """Raises ValueError for what is no such payload or of another release's schema."""
    job = msgspec.convert(payload, ChunkJob)
    if job.schema not in READABLE:
        raise ValueError(f"job schema {job.schema}, this release reads up to {SCHEMA}")
    return job
