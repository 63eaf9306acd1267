"""What is put on the queues: a job's payload refers to data and carries none."""

from typing import Any

import msgspec

SCHEMA = 1
READABLE = range(1, SCHEMA + 1)
# The names under which workers know the functions; they run nothing else from their queues.
RUN_CHUNK = "worker.jobs.run_chunk"
TRAIN = "worker.jobs.train"


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


class TrainingJob(msgspec.Struct, frozen=True):
    """One retraining. dataset: the digest of its training set. champion: the version to be compared
    with, and to go on from where `warm`. must_gain: whether it has to be certainly better than that on
    the newest traffic, or only not worse. delivery: how often it has been put on the queue, from 1."""

    schema: int
    retraining_id: str
    model: str
    champion: str
    version: str
    dataset: str
    why: str
    warm: bool
    must_gain: bool
    delivery: int

    @property
    def job_id(self) -> str:
        return f"{self.retraining_id}-{self.delivery}"

    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = msgspec.to_builtins(self)
        return payload


def training_job_from_payload(payload: Any) -> TrainingJob:
    """Raises ValueError for what is no such payload or of another release's schema."""
    job = msgspec.convert(payload, TrainingJob)
    if job.schema not in READABLE:
        raise ValueError(f"job schema {job.schema}, this release reads up to {SCHEMA}")
    return job
