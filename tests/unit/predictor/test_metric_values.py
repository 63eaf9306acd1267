"""A metric's value in its file, while another process reads it."""

import mmap
import struct
import threading
from pathlib import Path

import prometheus_client
import pytest
from prometheus_client import CollectorRegistry, Counter, values
from prometheus_client.multiprocess import MultiProcessCollector

from predictor.metric_values import Histogram, slot_values


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setattr(values, "ValueClass", slot_values(3))
    return Counter("asked", "Requests.", ("code",), registry=CollectorRegistry())


def test_values_are_read_by_the_library_as_its_own(counter: Counter, tmp_path: Path) -> None:
    counter.labels("200").inc()
    counter.labels("200").inc(2.5)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(tmp_path))  # type: ignore[no-untyped-call]
    assert registry.get_sample_value("asked_total", {"code": "200"}) == 3.5
    assert (tmp_path / "counter_3.db").exists()


def test_nobody_reads_a_zero_while_a_value_is_written(counter: Counter, tmp_path: Path) -> None:
    child = counter.labels("200")
    child.inc()
    place = child._value._at
    over = threading.Event()
    seen: set[float] = set()

    def read() -> None:
        with (tmp_path / "counter_3.db").open("rb") as file:
            shared = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            while not over.is_set():
                seen.add(struct.unpack_from("=d", shared, place)[0])

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(200_000):
        child.inc()
    over.set()
    reader.join()
    assert 0.0 not in seen
    assert len(seen) > 1


def test_a_histogram_counts_as_the_librarys_does() -> None:
    bounds = (0.1, 0.5, 1.0)
    registry = CollectorRegistry()
    both = (
        Histogram("mine", "Seconds.", ("step",), buckets=bounds, registry=registry),
        prometheus_client.Histogram(
            "its", "Seconds.", ("step",), buckets=bounds, registry=registry
        ),
    )
    for value in (-1.0, 0.0, 0.1, 0.1000001, 0.5, 0.99, 1.0, 1.5, float("inf")):
        for histogram in both:
            histogram.labels("one").observe(value)
    for suffix, labels in [("_sum", {}), ("_count", {})] + [
        ("_bucket", {"le": bound}) for bound in ("0.1", "0.5", "1.0", "+Inf")
    ]:
        mine, its = (
            registry.get_sample_value(name + suffix, {"step": "one", **labels})
            for name in ("mine", "its")
        )
        assert mine == its is not None
