"""LitServe: batches of up to 32 where BENCH_BATCH is 1, two workers."""

import os
import time
from typing import Any

import litserve

from benchmarks.peers.scoring import Scorer

BATCH = 32 if os.environ.get("BENCH_BATCH") == "1" else 1


class Api(litserve.LitAPI):  # type: ignore[misc]
    """One instance in, one answer out."""

    def setup(self, device: str) -> None:
        self.scorer = Scorer()

    def decode_request(self, request: dict[str, Any]) -> dict[str, Any]:
        return request

    def batch(self, inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return inputs

    def unbatch(self, output: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return output

    def predict(self, x: Any) -> Any:
        return self.scorer.answers(x) if BATCH > 1 else self.scorer.answer(x)

    def encode_response(self, output: dict[str, Any]) -> dict[str, Any]:
        self.scorer.note(time.perf_counter())
        return output


if __name__ == "__main__":
    api = Api(max_batch_size=BATCH, batch_timeout=0.005 if BATCH > 1 else 0.0)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=2)
    server.run(
        port=int(os.environ["BENCH_PORT"]),
        host="127.0.0.1",
        num_api_servers=1,
        generate_client_file=False,
        log_level="warning",
    )
