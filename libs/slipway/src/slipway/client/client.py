"""Calls to a service: predictions, explanations, labels, batches."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec

from slipway.client.answers import Answer, BatchState, Explained, read_answers, read_explained
from slipway.client.transport import Transport

Instance = Mapping[str, Any]


class Client:
    """A service at `url`. Predictions and explanations are repeated while the service is busy or
    away, at most for `budget_seconds`; nothing else is, unless it cannot happen twice."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout_seconds: float = 10.0,
        budget_seconds: float = 30.0,
    ) -> None:
        self._transport = Transport(
            url, key, timeout_seconds=timeout_seconds, budget_seconds=budget_seconds
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the connections back."""
        self._transport.close()

    def predict(
        self, instance: Instance, *, model: str | None = None, version: str | None = None
    ) -> Answer:
        """One row's answer. Raises Refused where it does not fit the model."""
        return read_answers(self._post(_path(model, version, "predict"), instance))[0]

    def predict_many(
        self,
        instances: Sequence[Instance],
        *,
        model: str | None = None,
        version: str | None = None,
    ) -> list[Answer]:
        """An answer for each row, in order."""
        body = {"instances": list(instances)}
        return read_answers(self._post(_path(model, version, "predict"), body))

    def explain(self, instance: Instance, *, model: str | None = None) -> Explained:
        """One row's answer, and what it is made of."""
        return read_explained(self._post(_path(model, None, "explain"), instance))

    def feedback(
        self,
        request_id: str,
        label: str | float,
        *,
        index: int = 0,
        instance: Instance | None = None,
    ) -> None:
        """Says what was true; of two labels for a row the last one counts."""
        body = {"request_id": request_id, "label": label, "index": index}
        given = body if instance is None else {**body, "instance": instance}
        self._transport.ask("POST", "/v1/feedback", pure=True, json=given)

    def feedback_many(self, labels: Sequence[Mapping[str, Any]]) -> int:
        """How many were accepted; at most 1,000 at once. Repeating a label changes nothing."""
        answer = self._transport.ask(
            "POST", "/v1/feedback", pure=True, json={"labels": list(labels)}
        )
        accepted: int = answer.json()["accepted"]
        return accepted

    def metadata(self) -> dict[str, Any]:
        """What is served, and how good it is."""
        found: dict[str, Any] = self._transport.ask("GET", "/metadata", pure=True).json()
        return found

    def submit_batch(self, instances: Sequence[Instance], *, model: str) -> BatchState:
        """Hands in many rows. An Idempotency-Key of its own makes it safe to repeat."""
        answer = self._transport.ask(
            "POST",
            "/v1/batches",
            pure=True,
            json={"model": model, "instances": list(instances)},
            headers={"Idempotency-Key": secrets.token_hex(16)},
        )
        return msgspec.convert(answer.json(), BatchState)

    def submit_batch_file(
        self, file: Path, *, model: str | None = None, idempotency_key: str | None = None
    ) -> BatchState:
        """Hands in a .csv (a header of field names) or a file of JSON lines, sent as it is read."""
        kind = "text/csv" if file.suffix.lower() == ".csv" else "application/x-ndjson"
        headers = {"Content-Type": kind}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        with file.open("rb") as body:
            answer = self._transport.ask(
                "POST",
                "/v1/batches",
                pure=False,
                data=body,
                params={} if model is None else {"model": model},
                headers=headers,
            )
        return msgspec.convert(answer.json(), BatchState)

    def batches(self, limit: int = 50) -> list[BatchState]:
        """The caller's own, newest first."""
        answer = self._transport.ask("GET", f"/v1/batches?limit={limit}", pure=True)
        return msgspec.convert(answer.json()["batches"], list[BatchState])

    def cancel_batch(self, batch_id: str) -> BatchState:
        """Stops it between two chunks. Raises Refused where it had ended."""
        answer = self._transport.ask("DELETE", f"/v1/batches/{batch_id}", pure=True)
        return msgspec.convert(answer.json(), BatchState)

    def batch(self, batch_id: str) -> BatchState:
        """How far a batch is."""
        answer = self._transport.ask("GET", f"/v1/batches/{batch_id}", pure=True)
        return msgspec.convert(answer.json(), BatchState)

    def wait_for_batch(
        self,
        batch_id: str,
        *,
        timeout_seconds: float = 3600.0,
        progress: Callable[[BatchState], None] | None = None,
    ) -> BatchState:
        """Looks until the batch is finished. Raises TimeoutError where it is not in time."""
        deadline = time.monotonic() + timeout_seconds
        pause = 0.1
        while True:
            state = self.batch(batch_id)
            if progress is not None:
                progress(state)
            if state.finished:
                return state
            if time.monotonic() + pause > deadline:
                raise TimeoutError(f"batch {batch_id} is still {state.status}")
            time.sleep(pause)
            pause = min(pause * 1.5, 5.0)

    def batch_results(self, batch_id: str) -> Iterator[dict[str, Any]]:
        """A finished batch's answers in the order of the rows, read as they come."""
        path = f"/v1/batches/{batch_id}/results"
        with self._transport.ask("GET", path, pure=True, stream=True) as answer:
            for line in answer.iter_lines():
                yield msgspec.json.decode(line)

    def _post(self, path: str, body: Instance) -> dict[str, Any]:
        found: dict[str, Any] = self._transport.ask("POST", path, pure=True, json=body).json()
        return found


def _path(model: str | None, version: str | None, act: str) -> str:
    if model is None:
        return f"/v1/{act}"
    return (
        f"/v1/models/{model}/{act}"
        if version is None
        else f"/v1/models/{model}/versions/{version}/{act}"
    )
