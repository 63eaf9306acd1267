"""Objects in a folder and in a bucket behave alike."""

import hashlib
import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

import pytest

from slipway.core.errors import Conflict, NotFound
from slipway.core.shared_settings import StoreSettings
from slipway.core.store import SINGLE_PUT_BYTES, Store, open_store


def megabytes(count: int) -> Iterator[bytes]:
    return (bytes([number % 251]) * 1_000_000 for number in range(count))


def test_what_was_created_can_be_read(store: Store) -> None:
    store.create("batches/a/manifest.json", b"{}")
    assert store.read("batches/a/manifest.json") == b"{}"
    assert store.exists("batches/a/manifest.json")


def test_an_object_is_never_replaced(store: Store) -> None:
    store.create("a", b"first")
    with pytest.raises(Conflict):
        store.create("a", b"second")
    assert store.read("a") == b"first"


def test_a_large_object_is_never_replaced_and_leaves_nothing_behind(store: Store) -> None:
    store.create("large", megabytes(12))
    with pytest.raises(Conflict):
        store.create("large", megabytes(13))
    assert [(entry.key, entry.size_bytes) for entry in store.list()] == [("large", 12_000_000)]
    assert store.delete_abandoned_uploads(datetime.now(UTC) + timedelta(days=1)) == 0


def test_a_stream_carries_the_same_bytes_up_and_down(store: Store) -> None:
    store.create("stream", megabytes(20))
    received = hashlib.sha256()
    sizes = []
    for piece in store.stream("stream"):
        received.update(piece)
        sizes.append(len(piece))
    assert received.hexdigest() == hashlib.sha256(b"".join(megabytes(20))).hexdigest()
    assert max(sizes) < 8_000_000


def test_bytes_above_the_size_of_a_single_put_arrive_whole(store: Store) -> None:
    body = b"0123456789" * (SINGLE_PUT_BYTES // 10 + 1)
    store.create("bytes", body)
    assert store.read("bytes") == body


def test_a_source_that_breaks_leaves_no_object_and_raises_what_broke_it(store: Store) -> None:
    def breaking() -> Iterator[bytes]:
        yield from megabytes(12)
        raise OSError("the source broke")

    with pytest.raises(OSError, match="the source broke"):
        store.create("broken", breaking())
    assert not store.exists("broken")
    assert list(store.list()) == []


def test_a_missing_object_is_not_found(store: Store) -> None:
    assert not store.exists("nothing")
    with pytest.raises(NotFound):
        store.read("nothing")
    with pytest.raises(NotFound):
        store.stream("nothing")


def test_deleting_what_is_not_there_is_no_error(store: Store) -> None:
    store.create("a", b"1")
    store.delete("a")
    store.delete("a")
    assert not store.exists("a")


def test_a_listing_is_ordered_takes_whole_parts_and_starts_after_a_key(store: Store) -> None:
    for key in ("m/b/2.json", "m/b/10.json", "m/a/1.json", "m/bc/1.json"):
        store.create(key, b"1")
    assert [entry.key for entry in store.list("m/b")] == ["m/b/10.json", "m/b/2.json"]
    assert [entry.key for entry in store.list("m/b", after="m/b/10.json")] == ["m/b/2.json"]
    assert [entry.key for entry in store.list("nothing")] == []


def test_a_listing_longer_than_a_page_is_complete(store: Store) -> None:
    keys = [f"many/{number:04d}" for number in range(1100)]
    for key in keys:
        store.create(key, b"")
    assert [entry.key for entry in store.list("many")] == keys


def test_a_store_that_is_there_is_reachable(store: Store) -> None:
    store.check_reachable()


def test_of_twenty_processes_that_create_one_object_one_wins(store_settings: StoreSettings) -> None:
    context = get_context("spawn")
    barrier, results = context.Barrier(20), context.SimpleQueue()
    processes = [
        context.Process(target=create_at_once, args=(store_settings, number, barrier, results))
        for number in range(20)
    ]
    for process in processes:
        process.start()
    outcomes = [results.get() for _ in processes]
    for process in processes:
        process.join()
    winners = [outcome for outcome in outcomes if outcome != "Conflict"]
    assert len(outcomes) == 20
    assert [open_store(store_settings).read("contested").decode()] == winners


def create_at_once(settings: StoreSettings, number: int, barrier: Barrier, results: object) -> None:
    store = open_store(settings)
    barrier.wait()
    try:
        store.create("contested", str(number).encode())
    except Conflict:
        results.put("Conflict")  # type: ignore[attr-defined]
    else:
        results.put(str(number))  # type: ignore[attr-defined]


def test_a_large_object_passes_in_bounded_memory(store_settings: StoreSettings) -> None:
    grown = get_context("spawn").SimpleQueue()
    process = get_context("spawn").Process(
        target=pass_a_large_object, args=(store_settings, 150, grown)
    )
    process.start()
    assert grown.get() < 80_000_000
    process.join()


def pass_a_large_object(settings: StoreSettings, size: int, grown: object) -> None:
    store = open_store(settings)
    store.create("small", b"1")
    before = peak_memory_bytes()
    store.create("large", megabytes(size))
    for _ in store.stream("large"):
        pass
    grown.put(peak_memory_bytes() - before)  # type: ignore[attr-defined]


def peak_memory_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
