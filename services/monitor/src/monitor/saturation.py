"""What this process takes of what it may have, looked up when Prometheus asks."""

import os
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector
from sqlalchemy import URL

from slipway.core.machine import folder_free_and_size_bytes, memory_limit_bytes, memory_used_bytes

_SCHEME = "file://"


def measure_process(registry: CollectorRegistry) -> None:
    """Adds the process's own figures (process_*) and its memory beside its limit."""
    ProcessCollector(registry=registry)
    pid = os.getpid()
    used = Gauge(
        "slipway_monitor_memory_used_bytes", "Memory that the process holds.", registry=registry
    )
    used.set_function(lambda: memory_used_bytes([pid]))
    limit = Gauge(
        "slipway_monitor_memory_limit_bytes",
        "Memory that the container may take, or that the machine has.",
        registry=registry,
    )
    limit.set_function(memory_limit_bytes)


def measure_folders(registry: CollectorRegistry, database_url: URL, store_url: str) -> None:
    """Adds the room left where the log and the store are, as far as they are folders of this machine."""
    free = Gauge(
        "slipway_monitor_disk_free_bytes",
        "Room left on the file system of a folder: log or store.",
        ("folder",),
        registry=registry,
    )
    size = Gauge(
        "slipway_monitor_disk_size_bytes",
        "Size of the file system of a folder: log or store.",
        ("folder",),
        registry=registry,
    )
    for name, folder in local_folders(database_url, store_url).items():
        free.labels(name).set_function(partial(_room, folder, 0))
        size.labels(name).set_function(partial(_room, folder, 1))


def _room(folder: Path, which: int) -> float:
    return folder_free_and_size_bytes(folder)[which]


def local_folders(database_url: URL, store_url: str) -> dict[str, Path]:
    """`log` and `store`, where their URLs name files of this machine."""
    found = {}
    if database_url.get_backend_name() == "sqlite" and database_url.database:
        found["log"] = Path(database_url.database).parent
    if store_url.startswith(_SCHEME):
        found["store"] = Path(store_url.removeprefix(_SCHEME))
    return found
