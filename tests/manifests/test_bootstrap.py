"""The bootstrap Job creates what is missing and leaves what is there."""

import json
import runpy
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from manifests.conftest import KUBERNETES
from manifests.rendered import Rendered

SCRIPT = runpy.run_path(str(KUBERNETES / "components/bootstrap-secrets/create_secrets.py"))


class FakeApi(ThreadingHTTPServer):
    """Answers like the API server to whoever may create Secrets and nothing else."""

    def __init__(self, existing: set[str]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.existing = existing
        self.created: dict[str, Any] = {}


class Handler(BaseHTTPRequestHandler):
    server: FakeApi

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = 201
        if self.headers["Authorization"] != "Bearer the-token":
            status = 403
        elif body["metadata"]["name"] in self.server.existing:
            status = 409
        else:
            self.server.created[self.path + "/" + body["metadata"]["name"]] = body["stringData"]
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def api() -> Iterator[FakeApi]:
    server = FakeApi(existing={"redis-credentials"})
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def create(api: FakeApi, name: str, token: str) -> bool:
    url = f"http://127.0.0.1:{api.server_port}"
    created: bool = SCRIPT["create_secret"](url, "slipway", token, None, name, {"key": "value"})
    return created


def test_a_missing_secret_is_created(api: FakeApi) -> None:
    assert create(api, "store-credentials", token="the-token")
    assert api.created == {"/api/v1/namespaces/slipway/secrets/store-credentials": {"key": "value"}}


def test_a_secret_that_is_there_stays_as_it_is(api: FakeApi) -> None:
    assert not create(api, "redis-credentials", token="the-token")
    assert api.created == {}


def test_any_other_refusal_fails_the_job(api: FakeApi) -> None:
    with pytest.raises(OSError, match="403"):
        create(api, "store-credentials", token="another")


def test_every_start_makes_other_secrets_up() -> None:
    first, second = SCRIPT["wanted_secrets"](), SCRIPT["wanted_secrets"]()
    assert first.keys() == second.keys()
    assert all(first[name] != second[name] for name in first)


def test_the_two_forms_of_a_secret_agree() -> None:
    made = SCRIPT["wanted_secrets"]()
    redis, store = made["redis-credentials"], made["store-credentials"]
    assert json.loads(redis["redis_passwords.json"]) == {
        "redis://localhost:6379": redis["redis_password"]
    }
    assert store["store_credentials"].split() == [
        store["access_key_id"],
        store["secret_access_key"],
    ]


def test_the_job_may_create_secrets_and_nothing_else(rendered: Rendered) -> None:
    rules = [rule for role in rendered.kind("Role", "ClusterRole") for rule in role["rules"]]
    assert rules == [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]}]
