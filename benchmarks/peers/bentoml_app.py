"""BentoML: a batchable endpoint behind a service with two workers."""

import time
from typing import Any

import bentoml

from benchmarks.peers.scoring import Scorer


@bentoml.service(workers=2, traffic={"timeout": 60})
class Peer:
    """One instance in, one answer out; the runner joins them."""

    def __init__(self) -> None:
        self.scorer = Scorer()

    @bentoml.api(batchable=True, max_batch_size=32, max_latency_ms=60_000, route="/predict")
    def predict(self, instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
        began = time.perf_counter()
        answers = self.scorer.answers(instances)
        for _ in instances:
            self.scorer.note(began)
        return answers
