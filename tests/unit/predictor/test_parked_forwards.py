"""Requests in flight together share one forward; nobody waits for anybody, and the loop goes on."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import gevent
import numpy as np
import pytest
from gevent.hub import get_hub

from predictor.forwards import Computed, DirectForwards
from predictor.parked_forwards import INLINE_LETTERS, ParkedForwards
from slipway.core.errors import DeadlineExceeded
from slipway.model.capacity import Capacity
from slipway.model.families.base import Inputs
from slipway.model.runtime import Model
from slipway.model.signature import Instance
from support.fake_model import FakeFamily, fake_model

FAST = Capacity((1, 8), (0.0001, 0.0002), best_rows=8)
SLOW = Capacity((1, 8), (0.1, 0.1), best_rows=8)


@pytest.fixture
def forwards() -> Iterator[ParkedForwards]:
    forwards = ParkedForwards(get_hub())
    yield forwards
    forwards.stop()


def model_of(capacity: Capacity = FAST) -> tuple[Model, FakeFamily]:
    model = replace(fake_model(), capacity=capacity)
    assert isinstance(model.family, FakeFamily)
    return model, model.family


def rows(*texts: str) -> list[Instance]:
    return [{"message": text} for text in texts]


def together(forwards: ParkedForwards, model: Model, asked: Sequence[list[Instance]]) -> list[Any]:
    """Each as a request of its own, all in flight at once; answers, or what was raised."""

    def ask(instances: list[Instance]) -> Any:
        try:
            return forwards.predict(model, instances, None)
        except ZeroDivisionError as wrong:
            return wrong

    greenlets = [gevent.spawn(ask, instances) for instances in asked]
    gevent.joinall(greenlets, timeout=20, raise_error=True)
    return [greenlet.value for greenlet in greenlets]


def test_requests_in_flight_together_share_one_forward_and_are_answered_as_alone(
    forwards: ParkedForwards,
) -> None:
    model, family = model_of()
    asked = [rows("win a phone"), rows("at noon", "you win", "bye"), rows("see you")]
    answers = together(forwards, model, asked)
    assert family.forwards == 1
    alone = [DirectForwards().predict(model, instances, None).predictions for instances in asked]
    assert [answer.predictions for answer in answers] == alone


def test_a_request_at_rest_is_computed_alone_and_at_once(forwards: ParkedForwards) -> None:
    model, family = model_of()
    for _ in range(3):
        computed = forwards.predict(model, rows("hello"), None)
        assert computed.queue_seconds < 5 * 0.01
    assert family.forwards == 3


def test_no_forward_has_more_rows_than_the_model_s_best_batch(forwards: ParkedForwards) -> None:
    model, family = model_of()
    answers = together(forwards, model, [rows("a", "b", "c")] * 6)
    assert all(len(answer.predictions) == 3 for answer in answers)
    assert family.forwards == 3  # of six, six and six rows


def test_a_request_larger_than_the_best_batch_stays_whole(forwards: ParkedForwards) -> None:
    model, _ = model_of()
    computed = forwards.predict(model, rows(*"abcdefghijklmnopqrst"), None)
    assert len(computed.predictions) == 20


def test_two_models_are_computed_apart(forwards: ParkedForwards) -> None:
    model, family = model_of()
    other, other_family = model_of()
    other = replace(other, digest="1" * 64)
    both = [
        gevent.spawn(forwards.predict, each, rows("win"), None) for each in (model, other, model)
    ]
    gevent.joinall(both, timeout=20, raise_error=True)
    assert (family.forwards, other_family.forwards) == (1, 1)


def test_rows_that_break_a_forward_fail_alone(forwards: ParkedForwards) -> None:
    model, family = model_of()

    def break_on(word: str) -> Callable[[Sequence[Instance]], Inputs]:
        whole = family.preprocess

        def preprocess(instances: Sequence[Instance]) -> Inputs:
            if any(word in row["message"] for row in instances):
                raise ZeroDivisionError(word)
            return whole(instances)

        return preprocess

    family.preprocess = break_on("broken")  # type: ignore[method-assign]
    good, bad, also_good = together(forwards, model, [rows("win"), rows("broken"), rows("bye")])
    assert isinstance(bad, ZeroDivisionError)
    assert [len(good.predictions), len(also_good.predictions)] == [1, 1]


def test_nothing_is_computed_for_who_no_longer_waits(forwards: ParkedForwards) -> None:
    model, family = model_of()
    with pytest.raises(DeadlineExceeded):
        forwards.predict(model, rows("late"), time.perf_counter() - 1)
    assert family.forwards == 0


def test_the_loop_goes_on_while_a_slow_forward_computes_and_what_parks_meanwhile_is_one_batch(
    forwards: ParkedForwards,
) -> None:
    model, family = model_of(SLOW)
    family.open.clear()
    first = gevent.spawn(forwards.predict, model, rows("one"), None)
    _poll(lambda: family.forwards == 1)
    others = [gevent.spawn(forwards.predict, model, rows("more"), None) for _ in range(5)]
    for _ in range(50):  # the loop turns
        gevent.sleep(0.001)
    assert family.forwards == 1
    assert not first.ready()
    family.open.set()
    gevent.joinall([first, *others], timeout=20, raise_error=True)
    assert family.forwards == 2


def test_a_small_model_answers_while_a_large_one_computes(forwards: ParkedForwards) -> None:
    slow, family = model_of(SLOW)
    small = replace(model_of()[0], digest="1" * 64)
    family.open.clear()
    first = gevent.spawn(forwards.predict, slow, rows("one"), None)
    _poll(lambda: family.forwards == 1)
    computed = forwards.predict(small, rows("win"), None)
    assert computed.predictions[0].prediction == "spam"
    assert not first.ready()
    family.open.set()
    gevent.joinall([first], timeout=20, raise_error=True)


def test_sockets_that_never_fall_silent_do_not_keep_anybody_waiting(
    forwards: ParkedForwards,
) -> None:
    model, _ = model_of()
    noisy = True

    def make_noise() -> None:
        while noisy:
            gevent.sleep(0)

    noise = [gevent.spawn(make_noise) for _ in range(3)]
    with gevent.Timeout(10):
        forwards.predict(model, rows("hello"), None)
    noisy = False
    gevent.joinall(noise)


def test_a_native_thread_may_ask_too(forwards: ParkedForwards) -> None:
    model, family = model_of()
    found: list[Computed] = []
    asking = threading.Thread(
        target=lambda: found.append(forwards.predict(model, rows("you win"), None))
    )
    asking.start()
    _poll(lambda: bool(found))
    asking.join()
    assert found[0].predictions[0].prediction == "spam"
    assert family.forwards == 1


def test_answers_keep_their_order_and_number_under_many_sizes(forwards: ParkedForwards) -> None:
    model, _ = model_of()
    random = np.random.default_rng(7)
    asked = [
        rows(*("win" if random.random() < 0.5 else "bye" for _ in range(random.integers(1, 12))))
        for _ in range(60)
    ]
    for instances, answer in zip(asked, together(forwards, model, asked), strict=True):
        said = [prediction.prediction for prediction in answer.predictions]
        assert said == ["spam" if "win" in row["message"] else "not_spam" for row in instances]


def _poll(condition: Callable[[], bool]) -> None:
    """As wait_until, without keeping the loop."""
    with gevent.Timeout(20):
        while not condition():
            gevent.sleep(0.001)


def test_texts_far_longer_than_what_was_measured_leave_the_loop_free(
    forwards: ParkedForwards,
) -> None:
    model, family = model_of()
    threads = []
    whole = family.preprocess

    def preprocess(instances: Sequence[Instance]) -> Inputs:
        threads.append(threading.current_thread())
        return whole(instances)

    family.preprocess = preprocess  # type: ignore[method-assign]
    forwards.predict(model, rows("short"), None)
    forwards.predict(model, rows("long" * INLINE_LETTERS), None)
    assert threads[0] is threading.main_thread()
    assert threads[1] is not threading.main_thread()


def test_rows_that_nobody_waited_for_say_nothing_of_a_forward_s_pace(
    forwards: ParkedForwards,
) -> None:
    model, family = model_of(SLOW)
    threads = []
    whole = family.preprocess

    def preprocess(instances: Sequence[Instance]) -> Inputs:
        threads.append(threading.current_thread())
        return whole(instances)

    family.preprocess = preprocess  # type: ignore[method-assign]
    with pytest.raises(DeadlineExceeded):
        forwards.predict(model, rows("late"), time.perf_counter() - 1)
    forwards.predict(model, rows("in time"), None)
    assert threads != []
    assert threads[0] is not threading.main_thread()
