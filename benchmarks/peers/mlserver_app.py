"""MLServer: a custom runtime over the V2 protocol, adaptive batching where BENCH_BATCH is 1."""

import json
import time

from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput

from benchmarks.peers.scoring import Scorer


class Peer(MLModel):  # type: ignore[misc]
    """Each element of the first input is an instance, written as JSON."""

    async def load(self) -> bool:
        self.scorer = Scorer()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        began = time.perf_counter()
        data = payload.inputs[0].data
        rows = [json.loads(row) for row in getattr(data, "root", data)]
        answers = [json.dumps(answer) for answer in self.scorer.answers(rows)]
        self.scorer.note(began)
        output = ResponseOutput(
            name="answers", shape=[len(answers), 1], datatype="BYTES", data=answers
        )
        return InferenceResponse(model_name=self.name, outputs=[output])
