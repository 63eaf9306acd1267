"""The keys of a batch's objects, spelled here and nowhere else."""

import re

ID = re.compile(r"[0-9a-f]{32}")


def manifest_key(batch_id: str) -> str:
    return f"batches/{batch_id}/manifest.json"


def upload_prefix(batch_id: str, upload: str) -> str:
    """Where one upload's chunks are; two that race for one batch keep apart."""
    return f"batches/{batch_id}/input/{upload}"


def input_key(batch_id: str, upload: str, chunk: int) -> str:
    return f"{upload_prefix(batch_id, upload)}/{chunk:08d}.ndjson"


def started_key(batch_id: str) -> str:
    return f"batches/{batch_id}/started.json"


def results_prefix(batch_id: str) -> str:
    return f"batches/{batch_id}/results"


def result_key(batch_id: str, chunk: int) -> str:
    return f"{results_prefix(batch_id)}/{chunk:08d}.ndjson"


def chunk_of(key: str) -> int:
    """The number of the chunk that an input or a result belongs to."""
    return int(key.rpartition("/")[2].partition(".")[0])


def finished_key(batch_id: str) -> str:
    return f"batches/{batch_id}/finished.json"
