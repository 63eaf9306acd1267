"""Events on their way to a real Redis: none is lost by a short absence, and nobody waits for them."""

import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from msgspec.structs import replace
from redis import Redis

from slipway.core.contracts.events import Event, event_from_json
from slipway.core.redis_keys import EVENTS
from slipway.core.shared_settings import RedisSettings
from slipway.queue import event_stream
from slipway.queue.connection import impatient
from slipway.queue.event_stream import EventStream
from support.monitored import an_event, bodies_on
from support.redis_server import RedisServer
from support.waiting import wait_until


class Counted:
    """Counts in memory."""

    def __init__(self) -> None:
        self.taken = 0
        self.lost: dict[str, int] = {}

    def published(self, events: int) -> None:
        self.taken += events

    def dropped(self, reason: str, events: int) -> None:
        self.lost[reason] = self.lost.get(reason, 0) + events


Make = Callable[..., tuple[EventStream, Counted]]


@pytest.fixture
def make_stream(redis_server: RedisServer) -> Iterator[Make]:
    made: list[EventStream] = []

    def make(buffer_max: int = 1_000, stream_max: int = 100_000) -> tuple[EventStream, Counted]:
        counted = Counted()
        redis = impatient(RedisSettings(redis_url=redis_server.url))
        stream = EventStream(redis, counted, stream_max=stream_max, buffer_max=buffer_max)
        stream.start()
        made.append(stream)
        return stream, counted

    yield make
    for stream in made:
        stream.stop(0.5)


def some(rows: int) -> Callable[[], Sequence[Event]]:
    """A request's events, with a text whose line breaks have to stay in it."""
    inputs = {"message": "one\ntwo\r\n"}
    return lambda: [an_event("", index=row, inputs=inputs) for row in range(rows)]


def on_stream(redis: Redis) -> list[Event]:
    return [event_from_json(body) for body in bodies_on(redis)]


def numbers(events: Sequence[Event]) -> list[int]:
    return [int(event.event_id.rpartition("-")[2]) for event in events]


def test_events_reach_the_stream_in_order_numbered_without_gaps(
    make_stream: Make, redis_server: RedisServer
) -> None:
    stream, counted = make_stream()
    for rows in (1, 3, 2):
        stream.append(some(rows), rows, later=rows > 2)
    wait_until(lambda: counted.taken == 6)
    found = on_stream(redis_server.client())
    assert numbers(found) == [1, 2, 3, 4, 5, 6]
    assert sorted(event.index for event in found) == [0, 0, 0, 1, 1, 2]
    assert {event.inputs["message"] for event in found if event.inputs} == {"one\ntwo\r\n"}


def evaluations(redis_server: RedisServer) -> int:
    calls: int = (
        redis_server.client().info("commandstats").get("cmdstat_eval", {"calls": 0})["calls"]
    )
    return calls


@pytest.mark.parametrize("buffer_max", [1_000, 100])
def test_enough_events_go_at_once_and_together_and_fewer_wait(
    make_stream: Make,
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    buffer_max: int,
) -> None:
    monkeypatch.setattr(event_stream, "ROUND_SECONDS", 60.0)
    stream, counted = make_stream(buffer_max)
    enough = min(event_stream.ENOUGH, buffer_max // 2)
    before = evaluations(redis_server)
    for times in (1, 2):
        for _ in range(enough):
            stream.append(some(1), 1, later=False)
        wait_until(lambda times=times: counted.taken == times * enough)
        assert evaluations(redis_server) - before == times
    stream.append(some(enough), enough, later=True)
    wait_until(lambda: counted.taken == 3 * enough)


def test_while_redis_is_away_nobody_waits_and_nothing_is_lost(
    make_stream: Make, redis_server: RedisServer
) -> None:
    stream, counted = make_stream()
    stream.append(some(1), 1, later=False)
    wait_until(lambda: stream.state == "ok")
    redis_server.kill()
    began = time.monotonic()
    for _ in range(100):
        stream.append(some(1), 1, later=False)
    assert time.monotonic() - began < 0.1
    wait_until(lambda: stream.state == "away")
    redis_server.start()
    wait_until(lambda: counted.taken == 101)
    assert set(numbers(on_stream(redis_server.client()))) == set(range(1, 102))
    assert stream.state == "ok"


def test_what_does_not_fit_the_buffer_is_dropped_and_counted(
    make_stream: Make, redis_server: RedisServer
) -> None:
    redis_server.kill()
    stream, counted = make_stream(buffer_max=10)
    for _ in range(25):
        stream.append(some(1), 1, later=False)
    assert counted.lost == {"buffer_full": 15}
    redis_server.start()
    wait_until(lambda: counted.taken == 10)


def test_a_connection_that_was_cut_is_made_again(
    make_stream: Make, redis_server: RedisServer
) -> None:
    stream, counted = make_stream()
    stream.append(some(1), 1, later=False)
    wait_until(lambda: counted.taken == 1)
    redis_server.client().client_kill_filter(_type="normal", skipme=True)
    stream.append(some(1), 1, later=False)
    wait_until(lambda: counted.taken == 2)
    assert numbers(on_stream(redis_server.client())) == [1, 2]
    assert stream.state == "ok"


def test_large_events_go_in_several_commands(make_stream: Make, redis_server: RedisServer) -> None:
    stream, counted = make_stream()
    before = evaluations(redis_server)
    large = [replace(event, inputs={"message": "x" * 300_000}) for event in some(10)()]
    stream.append(lambda: large, 10, later=True)
    wait_until(lambda: counted.taken == 10)
    assert evaluations(redis_server) - before == 4  # three at a time are less than a megabyte
    assert numbers(on_stream(redis_server.client())) == list(range(1, 11))


def test_a_full_redis_takes_nothing_and_gets_all_once_it_has_room(
    make_stream: Make, redis_server: RedisServer
) -> None:
    redis = redis_server.client()
    redis.config_set("maxmemory-policy", "noeviction")
    redis.config_set("maxmemory", 1)
    stream, counted = make_stream()
    for _ in range(3):
        stream.append(some(1), 1, later=False)
    wait_until(lambda: stream.state == "away")
    assert (counted.taken, redis.xlen(EVENTS)) == (0, 0)
    redis.config_set("maxmemory", 0)
    wait_until(lambda: counted.taken == 3)
    assert numbers(on_stream(redis)) == [1, 2, 3]


def test_stopping_sends_what_is_buffered(make_stream: Make, redis_server: RedisServer) -> None:
    stream, counted = make_stream()
    stream.append(some(500), 500, later=False)
    stream.stop()
    assert counted.taken == 500
    assert counted.lost == {}


def test_stopping_without_redis_counts_what_is_lost(
    make_stream: Make, redis_server: RedisServer
) -> None:
    redis_server.kill()
    stream, counted = make_stream()
    stream.append(some(5), 5, later=False)
    stream.stop(timeout_seconds=1.0)
    assert counted.lost == {"stopped": 5}


def test_the_stream_is_bounded(make_stream: Make, redis_server: RedisServer) -> None:
    stream, counted = make_stream(buffer_max=10_000, stream_max=100)
    stream.append(some(5_000), 5_000, later=False)
    wait_until(lambda: counted.taken == 5_000)
    assert redis_server.client().xlen(EVENTS) < 500


def test_an_event_that_cannot_be_told_is_counted_and_the_next_one_is_sent(
    make_stream: Make, redis_server: RedisServer
) -> None:
    def broken() -> Sequence[Event]:
        raise ZeroDivisionError("a bug")

    def not_json() -> Sequence[Event]:
        return [*some(1)(), replace(some(1)()[0], inputs={"message": object()})]

    stream, counted = make_stream(buffer_max=2)
    for make in (broken, not_json):
        for later in (False, True):
            before = counted.lost.get("broken", 0)
            stream.append(make, 2, later=later)
            wait_until(lambda before=before: counted.lost.get("broken", 0) == before + 2)
    stream.append(some(2), 2, later=False)  # nothing of the buffer is lost to them
    wait_until(lambda: counted.taken == 2)
    assert counted.lost == {"broken": 8}
    assert numbers(on_stream(redis_server.client())) == [1, 2]
