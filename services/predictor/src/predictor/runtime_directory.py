"""Where the processes of one predictor meet: metric files and heartbeats, wiped at start."""

import os
import shutil
import time
from pathlib import Path


class RuntimeDirectory:
    """A folder with `metrics/` (one file a metric type and process slot) and `heartbeats/`."""

    def __init__(self, path: Path) -> None:
        self.metrics = path / "metrics"
        self.heartbeats = path / "heartbeats"

    def make_empty(self) -> None:
        """Counters start at zero with the server, as Prometheus expects of a restart."""
        for folder in (self.metrics, self.heartbeats):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    def beat(self, slot: int) -> None:
        """A sign of life of the request process in this slot."""
        path = self.heartbeats / str(slot)
        path.touch(exist_ok=True)
        os.utime(path)

    def forget(self, slot: int) -> None:
        (self.heartbeats / str(slot)).unlink(missing_ok=True)

    def youngest_beat_seconds(self) -> float | None:
        """How long ago any request process last gave a sign of life; None before the first."""
        beats = [path.stat().st_mtime for path in self.heartbeats.iterdir()]
        return time.time() - max(beats) if beats else None
