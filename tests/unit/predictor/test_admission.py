"""Places to compute in: who gets one, in which order, and who is refused."""

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from predictor.admission import Admission, DrainRate
from slipway.core.errors import DeadlineExceeded, Overloaded
from support.waiting import wait_until


def in_thread(act: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def full(admission: Admission) -> bool:
    try:
        admission.refuse_when_full()
    except Overloaded:
        return True
    return False


def test_as_many_run_as_there_are_places_and_the_next_is_refused_at_once() -> None:
    admission = Admission(running=2, waiting=0)
    admission.enter()
    admission.enter()
    began = time.perf_counter()
    with pytest.raises(Overloaded):
        admission.enter()
    assert time.perf_counter() - began < 0.05
    admission.leave()
    admission.enter()


def test_who_waits_gets_a_place_in_the_order_of_arrival() -> None:
    admission = Admission(running=1, waiting=3)
    admission.enter()
    order: list[int] = []

    def wait(number: int) -> None:
        admission.enter()
        order.append(number)
        admission.leave()

    threads = []
    for number in range(3):
        threads.append(in_thread(partial(wait, number)))
        wait_until(lambda: admission.waiting == len(threads))
    assert full(admission)
    admission.leave()
    for thread in threads:
        thread.join(5)
    assert order == [0, 1, 2]
    assert not full(admission)


def test_who_waits_past_the_deadline_leaves_and_holds_no_seat() -> None:
    admission = Admission(running=1, waiting=1)
    admission.enter()
    with pytest.raises(DeadlineExceeded):
        admission.enter(deadline=time.perf_counter() + 0.05)
    assert not full(admission)
    admission.leave()
    admission.enter(deadline=time.perf_counter())  # a free place needs no waiting


def test_no_place_is_lost_when_many_come_go_and_give_up() -> None:
    admission = Admission(running=3, waiting=5)
    running, most = 0, 0
    lock = threading.Lock()

    def come_and_go(number: int) -> None:
        nonlocal running, most
        for turn in range(50):
            patience = 0.002 if (number + turn) % 3 == 0 else None
            try:
                admission.enter(None if patience is None else time.perf_counter() + patience)
            except (Overloaded, DeadlineExceeded):
                continue
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.0005)
            with lock:
                running -= 1
            admission.leave()

    threads = [in_thread(partial(come_and_go, number)) for number in range(16)]
    for thread in threads:
        thread.join(30)
    assert 1 <= most <= 3
    for _ in range(3):
        admission.enter()
    assert not full(admission)


def test_when_to_come_again_is_measured_by_how_fast_requests_finish() -> None:
    rate = DrainRate()
    assert rate.seconds_for(10, now=0.0) == 1.0  # nothing is known yet
    for second in range(20):
        rate.note(now=second / 2)
    assert rate.seconds_for(10, now=10.0) == pytest.approx(5.0)
    assert rate.seconds_for(10, now=20.0) == pytest.approx(10.0)  # it got slower
    assert rate.seconds_for(10_000, now=20.0) == 60.0
