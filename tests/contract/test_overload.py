"""More requests than places: what runs, what waits, what is refused, and when."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from predictor.app import create_app
from predictor.gate import NO_ROOM
from predictor.parts import Parts
from support.application import make_parts
from support.fake_model import FakeFamily, fake_model
from support.waiting import wait_until

BODY = {"message": "hello"}


class Busy:
    """An application with two places and one seat, whose model answers when `open` says so."""

    def __init__(self) -> None:
        model = fake_model()
        assert isinstance(model.family, FakeFamily)
        self.family = model.family
        self.parts: Parts = make_parts(model, max_in_flight=2, max_waiting=1, workers=1)
        self.app: Flask = create_app(self.parts)
        self.threads = ThreadPoolExecutor(8)

    def ask(self, **headers: str) -> "Future[TestResponse]":
        return self.threads.submit(self.ask_now, **headers)

    def ask_now(self, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().post("/v1/predict", json=BODY, headers=named)

    def fill(self) -> list["Future[TestResponse]"]:
        """Two requests that run, and one that waits."""
        self.family.open.clear()
        asked = [self.ask(), self.ask()]
        wait_until(lambda: self.family.forwards == 2)
        asked.append(self.ask())
        wait_until(lambda: self.parts.admission.waiting == 1)
        return asked


@pytest.fixture
def busy() -> Iterator[Busy]:
    busy = Busy()
    yield busy
    busy.family.open.set()
    busy.threads.shutdown()


def error_of(answer: TestResponse) -> Any:
    assert answer.json is not None
    return answer.json["error"]


def test_beyond_places_and_seats_a_request_is_refused_at_once_with_when_to_come_again(
    busy: Busy,
) -> None:
    asked = busy.fill()
    began = time.perf_counter()
    refused = busy.ask_now()
    assert time.perf_counter() - began < 5 * 0.05
    assert (refused.status_code, error_of(refused)) == (503, "Overloaded")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    busy.family.open.set()
    assert [future.result().status_code for future in asked] == [200, 200, 200]
    assert busy.ask_now().status_code == 200


def test_a_request_that_waited_says_how_long_it_did(busy: Busy) -> None:
    asked = busy.fill()
    busy.family.open.set()
    timing = asked[2].result().headers["Server-Timing"]
    assert timing.startswith("queue;dur=")
    assert float(timing.split("=")[1].split(",")[0]) > 0


def test_nothing_is_computed_for_who_no_longer_waits(busy: Busy) -> None:
    busy.family.open.clear()
    asked = [busy.ask(), busy.ask()]
    wait_until(lambda: busy.family.forwards == 2)
    late = busy.ask_now(X_Request_Timeout_Ms="50")
    assert (late.status_code, error_of(late)) == (504, "DeadlineExceeded")
    busy.family.open.set()
    assert [future.result().status_code for future in asked] == [200, 200]
    assert busy.family.forwards == 2


def test_what_came_too_late_is_not_sent_either(busy: Busy) -> None:
    busy.family.open.clear()
    late = busy.ask(X_Request_Timeout_Ms="50")
    wait_until(lambda: busy.family.forwards == 1)
    began = time.perf_counter()
    wait_until(lambda: time.perf_counter() - began > 0.06)
    busy.family.open.set()
    assert late.result().status_code == 504


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "soon", "", "600001", "9" * 40, "١"])
def test_a_time_out_that_is_none_is_refused(busy: Busy, value: str) -> None:
    answer = busy.ask_now(X_Request_Timeout_Ms=value)
    assert (answer.status_code, error_of(answer)) == (400, "InvalidInput")


def test_a_time_out_that_is_long_enough_changes_nothing(busy: Busy) -> None:
    assert busy.ask_now(X_Request_Timeout_Ms="600000").status_code == 200


def test_health_and_metadata_answer_while_all_places_are_taken(busy: Busy) -> None:
    busy.fill()
    client = busy.app.test_client()
    assert [client.get(path).status_code for path in ("/health", "/ready", "/metadata")] == [
        200
    ] * 3


def test_a_refused_body_gives_its_place_back(busy: Busy) -> None:
    client = busy.app.test_client()
    for _ in range(10):
        assert client.post("/v1/predict", data=b"{").status_code == 400
    assert busy.ask_now().status_code == 200


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/feedback", "/v1/batches", "/v1/explain"])
def test_who_finds_neither_a_thread_nor_a_seat_is_told_when_to_come_again(
    busy: Busy, path: str
) -> None:
    full = {NO_ROOM: 7.2}
    refused = busy.app.test_client().post(path, json=BODY, environ_overrides=full)
    assert (refused.status_code, error_of(refused)) == (503, "Overloaded")
    assert refused.headers["Retry-After"] == "8"


def test_a_key_over_its_rate_is_told_when_to_come_again() -> None:
    client = create_app(
        make_parts(rate_limit_per_second=0.5, rate_limit_burst=3, workers=1)
    ).test_client()
    statuses = [client.post("/v1/predict", json=BODY).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = client.get("/metadata")
    assert (refused.status_code, error_of(refused)) == (429, "RateLimited")
    assert refused.headers["Retry-After"] == "2"
    assert client.get("/ready").status_code == 200


def test_a_replica_of_four_processes_gives_a_quarter_in_each() -> None:
    client = create_app(
        make_parts(rate_limit_per_second=8, rate_limit_burst=8, workers=4)
    ).test_client()
    statuses = [client.post("/v1/predict", json=BODY).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
