"""KServe's SDK: its V1 protocol, two workers."""

import os
import time
from typing import Any

import kserve

from benchmarks.peers.scoring import Scorer


class Peer(kserve.Model):  # type: ignore[misc]
    """{"instances": [row]} → {"predictions": [answer]}."""

    def __init__(self) -> None:
        super().__init__("peer")
        self.scorer: Scorer | None = None
        self.ready = True

    async def predict(
        self, payload: dict[str, Any], headers: Any = None, response_headers: Any = None
    ) -> dict[str, Any]:
        began = time.perf_counter()
        if self.scorer is None:  # loaded in the worker, not in the process that forks it
            self.scorer = Scorer()
        answers = self.scorer.answers(payload["instances"])
        self.scorer.note(began)
        return {"predictions": answers}


if __name__ == "__main__":
    port = int(os.environ["BENCH_PORT"])
    server = kserve.ModelServer(
        http_port=port, workers=2, enable_grpc=False, access_log_format=None
    )
    server.start([Peer()])
