"""The keys of a batch's objects, spelled here and nowhere else."""

import hashlib
import re
import secrets

ID = re.compile(r"[0-9a-f]{32}")


def new_batch_id(key_id: str | None, idempotency_key: str | None) -> str:
    """The same for the same caller and Idempotency-Key; random without one."""
    if idempotency_key is None:
        return secrets.token_hex(16)
    name = f"{key_id or ''}\0{idempotency_key}"
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def batch_prefix(batch_id: str) -> str:
    return f"batches/{batch_id}"


def manifest_key(batch_id: str) -> str:
    return f"batches/{batch_id}/manifest.json"


def input_prefix(batch_id: str) -> str:
    return f"batches/{batch_id}/input"


def upload_prefix(batch_id: str, upload: str) -> str:
    """Where one upload's chunks are; two that race for one batch keep apart."""
    return f"{input_prefix(batch_id)}/{upload}"


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
