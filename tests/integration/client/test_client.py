"""slipway.client against a running application, and against a service that misbehaves."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from slipway.client import Client, Refused, Unreachable
from slipway.client.transport import Transport
from support.application import make_parts, write_keys
from support.running_application import RunningApplication
from support.waiting import free_port

HELLO = {"message": "win a phone"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    path = tmp_path_factory.mktemp("keys") / "keys"
    key = write_keys(path, shop="predict,feedback")["shop"]
    application = RunningApplication(make_parts(auth="on", api_keys_file=path))
    with Client(application.url, key, budget_seconds=1) as client:
        yield client
    application.stop()


def test_a_row_is_answered(service: Client) -> None:
    answer = service.predict(HELLO)
    assert (answer.prediction, answer.model_name, answer.model_version) == ("spam", "spam", "1.0.0")
    assert answer.confidence == pytest.approx(0.9)
    assert answer.request_id


def test_several_rows_are_answered_in_order_with_their_index(service: Client) -> None:
    answers = service.predict_many([HELLO, {"message": "hello"}])
    assert [(a.prediction, a.index) for a in answers] == [("spam", 0), ("not_spam", 1)]
    assert answers[0].request_id == answers[1].request_id


def test_another_model_and_version_may_be_named(service: Client) -> None:
    row = {"age": 41, "work": "public"}
    answer = service.predict(row, model="houses", version="1.0.0")
    assert answer.prediction == pytest.approx(20)
    assert answer.interval == pytest.approx((18, 22))


def test_an_answer_is_explained(service: Client) -> None:
    explained = service.explain(HELLO)
    total = sum(part.contribution for part in explained.contributions)
    assert explained.answer.confidence == pytest.approx(explained.base + total)


def test_a_refusal_has_a_name_and_says_which_field(service: Client) -> None:
    with pytest.raises(Refused, match="Field 'message' is required") as refused:
        service.predict({})
    assert (refused.value.status, refused.value.error) == (400, "InvalidInput")
    assert refused.value.details[0]["field"] == "message"
    assert refused.value.request_id


def test_nobody_there_is_told_after_the_budget() -> None:
    client = Client(f"http://127.0.0.1:{free_port()}", budget_seconds=0.3)
    with client, pytest.raises(Unreachable, match="does not answer"):
        client.predict(HELLO)


class Busy(BaseHTTPRequestHandler):
    """Refuses as often as `refusals` says, then answers."""

    protocol_version = "HTTP/1.1"
    refusals: ClassVar[list[tuple[int, str]]] = []
    connections: ClassVar[set[Any]] = set()
    asked: ClassVar[int] = 0

    def do_POST(self) -> None:
        type(self).asked += 1
        self.connections.add(self.client_address)
        self.rfile.read(int(self.headers["Content-Length"]))
        status, retry_after = self.refusals.pop(0) if self.refusals else (200, "")
        body = json.dumps({"error": "Overloaded", "message": "later"}).encode()
        self.send_response(status)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def busy() -> Iterator[str]:
    Busy.refusals, Busy.connections, Busy.asked = [], set(), 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def transport(url: str, slept: list[float], budget_seconds: float = 30) -> Transport:
    return Transport(
        url, None, timeout_seconds=5, budget_seconds=budget_seconds, sleep=slept.append
    )


def test_a_pure_call_is_repeated_when_the_service_says(busy: str) -> None:
    slept: list[float] = []
    Busy.refusals = [(503, "3"), (429, "2"), (503, "")]
    answer = transport(busy, slept).ask("POST", "/", pure=True, json={})
    assert answer.status_code == 200
    assert 3 <= slept[0] <= 3.75
    assert 2 <= slept[1] <= 2.5
    assert slept[2] < 1
    assert len(Busy.connections) == 1  # kept, not opened anew


def test_a_call_that_may_not_happen_twice_is_not_repeated(busy: str) -> None:
    Busy.refusals = [(503, "1")]
    with pytest.raises(Refused, match="Overloaded"):
        transport(busy, []).ask("POST", "/", pure=False, json={})
    assert Busy.asked == 1


def test_a_pause_beyond_the_budget_is_not_waited_for(busy: str) -> None:
    slept: list[float] = []
    Busy.refusals = [(503, "60")]
    with pytest.raises(Refused):
        transport(busy, slept, budget_seconds=5).ask("POST", "/", pure=True, json={})
    assert slept == []


def test_what_is_wrong_in_itself_is_not_repeated(busy: str) -> None:
    Busy.refusals = [(400, "")]
    with pytest.raises(Refused):
        transport(busy, []).ask("POST", "/", pure=True, json={})
    assert Busy.asked == 1


def test_a_key_is_in_no_representation_of_a_refusal(service: Client, tmp_path: Path) -> None:
    key = "slipway_" + "x" * 43
    application = RunningApplication(make_parts(auth="on", api_keys_file=_empty(tmp_path / "keys")))
    with (
        Client(application.url, key, budget_seconds=0) as client,
        pytest.raises(Refused) as refused,
    ):
        client.predict(HELLO)
    application.stop()
    assert key not in repr(refused.value) + str(vars(refused.value))


def _empty(path: Path) -> Path:
    path.touch()
    return path
