"""One Idempotency-Key is one batch, however many hand it in at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from slipway.batches.layout import new_batch_id
from support.stored_batches import accepted, folder_store, keys, rows, submission

THREADS = 50
KEYS = 100


def test_a_hundred_keys_from_fifty_threads_at_once_are_a_hundred_batches(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "store")
    together = Barrier(THREADS)

    def hand_in(_: int) -> int:
        new = 0
        for key in range(KEYS):
            together.wait()
            asked = submission(new_batch_id("alice", f"key {key}"))
            new += accepted(store, rows(3), asked).new
        return new

    with ThreadPoolExecutor(THREADS) as pool:
        created = sum(pool.map(hand_in, range(THREADS)))
    manifests = [key for key in keys(store, "batches") if key.endswith("/manifest.json")]
    inputs = [key for key in keys(store, "batches") if "/input/" in key]
    assert (created, len(manifests), len(inputs)) == (KEYS, KEYS, KEYS)
