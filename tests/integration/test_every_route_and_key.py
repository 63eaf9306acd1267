"""Every described route × every kind of key, against a real predictor; and where keys must not be."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from support.application import bearer, write_keys
from support.predictor_process import RunningPredictor
from support.processes import command_line
from support.redis_server import RedisServer

BODIES: dict[str, Any] = {
    "/v1/feedback": {"request_id": "r-1", "label": "spam"},
    "/v1/batches": {"model": "spam", "instances": [{"message": "hello"}]},
    "infer": {
        "inputs": [{"name": "message", "datatype": "BYTES", "shape": [1], "data": ["hello"]}]
    },
}
SCOPE = re.compile(r"scope `(\w+)`")
WRONG = "slipway_planted-wrong-secret-000000000000000000000000"


class Service:
    def __init__(self, folder: Path) -> None:
        (folder / "redis").mkdir()
        (folder / "store").mkdir()
        self.redis = RedisServer(folder / "redis")
        scopes = ("predict", "batch", "feedback", "admin")
        self.keys = write_keys(folder / "keys", **{s: s for s in scopes}, other="batch,predict")
        self.predictor = RunningPredictor(
            folder / "predictor",
            {
                "SLIPWAY_REDIS_URL": self.redis.url,
                "SLIPWAY_STORE_URL": f"file://{folder / 'store'}",
                "SLIPWAY_AUTH": "on",
                "SLIPWAY_API_KEYS_FILE": str(folder / "keys"),
                "SLIPWAY_LOG_LEVEL": "DEBUG",
            },
        ).wait_until_ready()
        self.answers: list[str] = []
        submitted = self.ask("POST", "/v1/batches", self.keys["batch"], BODIES["/v1/batches"])
        assert submitted.status_code == 202, submitted.text
        self.batch_id = submitted.json()["id"]

    def ask(self, method: str, path: str, key: str | None, body: Any) -> requests.Response:
        answer = requests.request(
            method,
            self.predictor.url + path,
            json=body,
            headers=bearer(key) if key else {},
            timeout=30,
        )
        self.answers.append(f"{answer.headers} {answer.text}")
        return answer

    def operations(self) -> Iterator[tuple[str, str, str | None, Any]]:
        """Method, path, needed scope and a body, of each described operation."""
        document = requests.get(self.predictor.url + "/openapi.json", timeout=30).json()
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                found = SCOPE.search(operation.get("description", ""))
                filled = path.replace("{name}", "spam").replace("{version}", "1.0.0")
                content = operation.get("requestBody", {}).get("content", {})
                example = content.get("application/json", {}).get("example")
                body = example or BODIES.get(path) or BODIES.get(path.rsplit("/", 1)[-1])
                yield (
                    method.upper(),
                    filled.replace("{batch_id}", self.batch_id),
                    found[1] if found else None,
                    body if method == "post" else None,
                )

    def stop(self) -> None:
        self.predictor.stop()
        self.redis.stop()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("keys"))
    yield service
    service.stop()


def test_each_route_answers_each_kind_of_key_with_the_right_status(service: Service) -> None:
    operations = sorted(service.operations(), key=lambda operation: operation[0] == "DELETE")
    assert len(operations) > 25
    for method, path, scope, body in operations:
        statuses = {
            kind: service.ask(method, path, key, body).status_code
            for kind, key in (
                ("no key", None),
                ("wrong key", WRONG),
                ("without scope", service.keys["feedback" if scope != "feedback" else "batch"]),
                ("right key", service.keys[scope or "predict"]),
                ("admin", service.keys["admin"]),
            )
        }
        refused = (401, 401, 403) if scope else (200, 200, 200)
        assert tuple(statuses.values())[:3] == refused, (method, path, statuses)
        allowed = {200, 202, 409} if "/batches" in path else {200, 202}
        assert {statuses["right key"], statuses["admin"]} <= allowed, (method, path, statuses)


@pytest.mark.parametrize("tail", ["", "/results"])
def test_another_keys_batch_is_not_there(service: Service, tail: str) -> None:
    path = f"/v1/batches/{service.batch_id}{tail}"
    assert service.ask("GET", path, service.keys["other"], None).status_code == 404
    assert (
        service.ask("DELETE", path.removesuffix(tail), service.keys["other"], None).status_code
        == 404
    )
    assert service.ask("GET", path, service.keys["batch"], None).status_code in (200, 409)
    listed = service.ask("GET", "/v1/batches", service.keys["other"], None).json()["batches"]
    assert service.batch_id not in [batch["id"] for batch in listed]


def test_no_key_is_in_any_log_metric_answer_or_command_line(service: Service) -> None:
    predictor = service.predictor
    secret = service.keys["predict"]
    for header in ("Authorization", "X-API-Key"):
        for value in (secret, f"Bearer {secret}", f"Basic {secret}"):
            for path in ("/v1/predict", "/nowhere", f"/v1/models/{secret}/predict"):
                headers = {header: value}
                requests.post(predictor.url + path, data=b"{", headers=headers, timeout=30)
    processes = [predictor.process.pid, *predictor.request_processes(), predictor.metrics_process()]
    places = {
        "log": predictor.process.output,
        "metrics": predictor.metrics(),
        "answers": "".join(service.answers),
        "command lines": " ".join(" ".join(command_line(pid)) for pid in processes),
    }
    for place, text in places.items():
        for key in (*service.keys.values(), WRONG):
            assert key not in text, place
