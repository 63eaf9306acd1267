"""What this process takes of what it may have, looked up when Prometheus asks."""

import os

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector

from slipway.core.machine import memory_limit_bytes, memory_used_bytes


def measure_process(registry: CollectorRegistry) -> None:
    """Adds the process's own figures (process_*) and its memory beside its limit."""
    ProcessCollector(registry=registry)
    pid = os.getpid()
    used = Gauge(
        "slipway_worker_memory_used_bytes", "Memory that the process holds.", registry=registry
    )
    used.set_function(lambda: memory_used_bytes([pid]))
    limit = Gauge(
        "slipway_worker_memory_limit_bytes",
        "Memory that the container may take, or that the machine has.",
        registry=registry,
    )
    limit.set_function(memory_limit_bytes)
