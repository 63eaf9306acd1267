"""The functions that jobs may name: thin, repeatable shells around what does the work."""

from collections.abc import Callable
from typing import Any

from slipway.core.contracts.jobs import RUN_CHUNK, ChunkJob, chunk_job_from_payload


def batch_jobs(run: Callable[[ChunkJob], None]) -> dict[str, Callable[[dict[str, Any]], None]]:
    """The table of the queue `batches`."""

    def run_chunk(payload: dict[str, Any]) -> None:
        run(chunk_job_from_payload(payload))

    return {RUN_CHUNK: run_chunk}
