"""What the processes of this predictor take of what they may have, looked up when Prometheus asks."""

from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from slipway.core.machine import (
    cpu_seconds,
    folder_free_and_size_bytes,
    folder_used_bytes,
    memory_limit_bytes,
    memory_used_bytes,
    process_tree,
)


class SaturationCollector(Collector):
    """Of a master process and all below it, and of the folder with their metric files."""

    def __init__(self, master: int, metrics: Path) -> None:
        self._master = master
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        processes = process_tree(self._master)
        free, size = folder_free_and_size_bytes(self._metrics)
        yield GaugeMetricFamily(
            "slipway_predictor_processes",
            "Processes of this predictor: the master, the request processes, the metrics process.",
            len(processes),
        )
        yield CounterMetricFamily(
            "slipway_predictor_cpu_seconds_total",
            "Processor time that they took, ended ones included.",
            sum(cpu_seconds(pid) for pid in processes),
        )
        yield GaugeMetricFamily(
            "slipway_predictor_memory_used_bytes",
            "Memory that they hold together; shared pages count once.",
            memory_used_bytes(processes),
        )
        yield GaugeMetricFamily(
            "slipway_predictor_memory_limit_bytes",
            "Memory that the container may take, or that the machine has.",
            memory_limit_bytes(),
        )
        yield GaugeMetricFamily(
            "slipway_predictor_metrics_directory_used_bytes",
            "Size of the metric files that the request processes write.",
            folder_used_bytes(self._metrics),
        )
        yield GaugeMetricFamily(
            "slipway_predictor_metrics_directory_free_bytes",
            "Room left on the file system that holds them.",
            free,
        )
        yield GaugeMetricFamily(
            "slipway_predictor_metrics_directory_size_bytes",
            "Size of the file system that holds them.",
            size,
        )
