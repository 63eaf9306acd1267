"""What every peer runs: the same model on one torch thread, and what `features` adds to an answer."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks.models import loaded

torch.set_num_threads(1)
FEATURES = os.environ.get("BENCH_FEATURES") == "1"


class Scorer:
    """The model of BENCH_MODEL; one request's metrics and log line where BENCH_FEATURES is 1."""

    def __init__(self) -> None:
        self.model = loaded(Path(os.environ["BENCH_MODELS"]), os.environ["BENCH_MODEL"])
        if FEATURES:
            from prometheus_client import Counter, Histogram

            self._requests = Counter("requests_total", "Requests.", ("route", "code"))
            self._duration = Histogram("duration_seconds", "Duration.", ("route",))

    def answer(self, instance: dict[str, Any]) -> dict[str, Any]:
        return self.answers([instance])[0]

    def answers(self, instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Of each instance, as every server here answers it."""
        if FEATURES:
            from slipway.model.validation import checked_instances

            instances = checked_instances(self.model.signature, instances)
        predictions = self.model.predict(instances)
        return [
            {
                "prediction": p.prediction,
                "confidence": p.confidence,
                "probabilities": p.probabilities,
            }
            for p in predictions
        ]

    def note(self, began: float) -> None:
        """The metrics and the log line of one request."""
        if FEATURES:
            duration = time.perf_counter() - began
            self._requests.labels("/predict", "200").inc()
            self._duration.labels("/predict").observe(duration)
            sys.stdout.write(json.dumps({"event": "request", "duration_seconds": duration}) + "\n")
            sys.stdout.flush()
