"""Batches in a folder, without a predictor or a worker."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from slipway.batches import layout
from slipway.batches.accepting import Accepted, Submission, accept
from slipway.batches.cutting import ChunkLimits
from slipway.batches.records import Manifest
from slipway.batches.rows import good_row, result_lines
from slipway.core.shared_settings import StoreSettings
from slipway.core.store import Store, open_store
from slipway.model.prediction import Prediction

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LIMITS = ChunkLimits(rows=10, size_bytes=1_000_000, total_rows=1000)


def folder_store(folder: Path) -> Store:
    folder.mkdir(parents=True, exist_ok=True)
    return open_store(StoreSettings(store_url=folder.as_uri()))


def rows(count: int) -> list[bytes]:
    return [good_row({"message": f"row {n}"}) for n in range(count)]


def submission(
    batch_id: str | None = None, key_id: str | None = None, at: datetime = NOW
) -> Submission:
    name = batch_id or layout.new_batch_id(None, None)
    return Submission(name, "spam", "1.0.0", "0" * 64, key_id, at, timedelta(days=7))


def accepted(
    store: Store,
    lines: Iterable[bytes],
    asked: Submission | None = None,
    digest: str = "digest",
) -> Accepted:
    return accept(store, asked or submission(), lines, LIMITS, lambda: digest, lambda _: None)


def a_batch(store: Store, rows_total: int = 25, **asked: str) -> Manifest:
    """An accepted batch of three chunks."""
    return accepted(store, rows(rows_total), submission(**asked)).manifest


def commit(store: Store, manifest: Manifest, *chunks: int) -> None:
    """As a worker would have."""
    for chunk in chunks:
        answers = [Prediction("spam", 0.9)] * manifest.chunk_rows[chunk]
        store.create(
            layout.result_key(manifest.batch_id, chunk),
            result_lines(manifest.first_row(chunk), answers),
        )


def keys(store: Store, prefix: str = "") -> list[str]:
    return [entry.key for entry in store.list(prefix)]
