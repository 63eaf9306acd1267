"""What the monitor hears of an answer."""

import random
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from redis import Redis

from predictor.event_publisher import Answered, EventPublisher, Soon, make_events
from predictor.event_sampling import EventSampler
from predictor.forwards import Computed
from predictor.parts import Parts
from predictor.request_context import new_context
from slipway.core.contracts.events import Event, event_from_json
from slipway.model.signature import Instance
from support.application import client_of, make_parts
from support.monitored import bodies_on
from support.redis_server import RedisServer
from support.waiting import wait_until


def publishing(redis_server: RedisServer, **settings: Any) -> Parts:
    parts = make_parts(redis_url=redis_server.url, **settings)
    parts.events = make_events(parts.settings, parts.metrics)
    return parts


def events_on(redis: Redis) -> list[Event]:
    return [event_from_json(body) for body in bodies_on(redis)]


def test_an_answer_becomes_an_event_with_its_features_and_never_its_text(
    redis_server: RedisServer,
) -> None:
    parts = publishing(redis_server)
    headers = {"X-Request-ID": "mine"}
    client_of(parts).post("/v1/predict", json={"message": "hello there"}, headers=headers)
    parts.events.stop()
    [event] = events_on(redis_server.client())
    assert (event.request_id, event.index, event.model, event.role) == (
        "mine",
        0,
        "spam",
        "champion",
    )
    assert event.inputs is None
    assert b"hello there" not in bodies_on(redis_server.client())[0]


def test_each_row_of_a_request_is_an_event_of_its_own(redis_server: RedisServer) -> None:
    parts = publishing(redis_server)
    rows = [{"message": "one"}, {"message": "two"}, {"message": "three"}]
    client_of(parts).post("/v1/predict", json={"instances": rows})
    parts.events.stop()
    found = events_on(redis_server.client())
    assert [event.index for event in found] == [0, 1, 2]
    assert len({event.event_id for event in found}) == 3
    assert len({event.request_id for event in found}) == 1


@pytest.mark.parametrize(("count", "letters"), [(10, 5), (40, 5), (10, 500)])
def test_few_many_and_long_rows_are_told_alike(
    redis_server: RedisServer, count: int, letters: int
) -> None:
    parts = publishing(redis_server)
    rows = [{"message": "x" * letters}] * count
    client_of(parts).post("/v1/predict", json={"instances": rows})
    client_of(parts).post("/v1/predict", json=rows[0])
    parts.events.stop()
    found = events_on(redis_server.client())
    numbers = [int(event.event_id.rpartition("-")[2]) for event in found]
    assert numbers == list(range(1, count + 2))
    assert sorted(event.index for event in found) == [0, *range(count)]
    assert {event.prediction for event in found} == {found[0].prediction}


class Taken:
    """A stream that only notes whether each request's events are left to its thread."""

    def __init__(self) -> None:
        self.later: list[bool] = []
        self.stopped = False

    def append(self, make: object, rows: int, *, later: bool) -> None:
        assert not self.stopped
        self.later.append(later)

    def stop(self) -> None:
        self.stopped = True


def publisher_to(stream: Taken, soon: Soon | None = None) -> EventPublisher:
    return EventPublisher(stream, EventSampler(1e9, random.Random(1)), False, soon)  # type: ignore[arg-type]


def answer_to(*rows: Instance) -> Answered:
    computed = Computed([], np.zeros((0, 2)), 0.0, 0.0, 0.0)
    served = make_parts().models.find()
    return Answered(served, "champion", rows, computed, new_context(None, None), 1.0, 0.1)


def test_what_takes_a_look_is_made_by_the_streams_thread() -> None:
    stream = Taken()
    publisher = publisher_to(stream)
    short, long = {"message": "x"}, {"message": "x" * 500}
    for rows in ([short], [short] * 32, [short] * 33, [long] * 8, [long] * 9, [{"t": [[1.0]]}]):
        publisher.publish(answer_to(*rows))
    assert stream.later == [False, False, True, False, True, True]


def test_on_the_loop_answers_are_sent_before_anybody_is_told() -> None:
    stream = Taken()
    waiting: list[Callable[[], None]] = []
    publisher = publisher_to(stream, waiting.append)
    for _ in range(2):
        publisher.publish(answer_to({"message": "x"}))
    assert (len(waiting), stream.later) == (1, [])
    waiting.pop()()
    assert len(stream.later) == 2
    publisher.publish(answer_to({"message": "x"}))
    assert (len(waiting), len(stream.later)) == (1, 2)
    publisher.stop()  # whose turn does not come any more is told of, too
    assert (len(stream.later), stream.stopped) == (3, True)


def test_an_answer_is_on_the_stream_once_its_turn_to_be_told_has_come(
    redis_server: RedisServer,
) -> None:
    waiting: list[Callable[[], None]] = []
    parts = make_parts(redis_url=redis_server.url)
    parts.events = make_events(parts.settings, parts.metrics, waiting.append)
    client_of(parts).post("/v1/predict", json={"message": "hello"})
    [tell] = waiting
    tell()
    client_of(parts).post("/v1/predict", json={"message": "hello"})
    parts.events.stop()
    waiting[1]()  # of what is told already
    assert len(events_on(redis_server.client())) == 2


def test_another_thread_tells_at_once() -> None:
    stream = Taken()
    publisher = publisher_to(stream, lambda _: None)
    thread = threading.Thread(target=publisher.publish, args=(answer_to({"message": "x"}),))
    thread.start()
    thread.join()
    assert len(stream.later) == 1


def test_inputs_are_told_only_where_capturing_is_switched_on(redis_server: RedisServer) -> None:
    parts = publishing(redis_server, capture_inputs=True)
    client_of(parts).post("/v1/predict", json={"message": "hello"})
    parts.events.stop()
    [event] = events_on(redis_server.client())
    assert event.inputs == {"message": "hello"}


def test_a_refused_request_is_no_event(redis_server: RedisServer) -> None:
    parts = publishing(redis_server)
    assert client_of(parts).post("/v1/predict", json={"message": 7}).status_code == 400
    parts.events.stop()
    assert events_on(redis_server.client()) == []


@pytest.mark.parametrize("configured", [True, False])
def test_ready_reports_redis_and_never_depends_on_it(
    redis_server: RedisServer, configured: bool
) -> None:
    redis_server.kill()
    parts = publishing(redis_server) if configured else make_parts()
    client = client_of(parts)
    client.post("/v1/predict", json={"message": "hello"})
    expected = "away" if configured else "not configured"
    wait_until(lambda: client.get("/ready").get_json()["redis"] == expected)
    assert client.get("/ready").status_code == 200
    parts.events.stop()
