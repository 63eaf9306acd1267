"""What the KServe SDK's client gets: run by a Python that has it, as kserve_calls.py URL; prints JSON."""

import asyncio
import json
import sys
from typing import Any

import httpx
import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig


def texts(*values: str, binary: bool) -> InferRequest:
    tensor = InferInput("message", [len(values)], "BYTES")
    tensor.set_data_from_numpy(np.array(values, dtype=object), binary_data=binary)
    return InferRequest("spam", [tensor], request_id="caller-7")


async def ask(url: str) -> dict[str, Any]:
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    found: dict[str, Any] = {
        "live": await client.is_server_live(url),
        "ready": await client.is_server_ready(url),
        "model_ready": await client.is_model_ready(url, "spam"),
        "nobody_ready": await client.is_model_ready(url, "nobody"),
    }
    for name, binary in (("json", False), ("binary", True)):
        answer = await client.infer(url, texts("win 🙂", "hello", binary=binary), model_name="spam")
        found[name] = {
            "id": answer.id,
            "outputs": {output.name: output.as_numpy().tolist() for output in answer.outputs},
        }
    try:
        await client.infer(url, texts("hello", binary=False), model_name="nobody")
    except httpx.HTTPStatusError as refused:
        found["error"] = str(refused)
    await client.close()
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(ask(sys.argv[1])), default=bytes.decode))
