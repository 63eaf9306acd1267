"""A worker that is told to stop: by signals, which may come in the middle of one another."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from worker.stopping import Abandoned, Stopping


def test_the_second_time_it_is_at_once() -> None:
    stopping = Stopping(60)
    assert not stopping.asked
    stopping.check()
    stopping.ask()
    assert stopping.asked
    stopping.check()
    stopping.ask()
    with pytest.raises(Abandoned):
        stopping.check()


def test_waiting_ends_once_it_is_asked() -> None:
    stopping = Stopping(60)
    began = time.monotonic()
    stopping.wait(0.2)
    assert time.monotonic() - began >= 0.2
    threading.Timer(0.2, stopping.ask).start()
    stopping.wait(60)
    assert stopping.asked
    assert time.monotonic() - began < 30


@pytest.mark.timeout(30)
def test_signals_in_the_middle_of_one_another_wait_for_nothing() -> None:
    stopping = Stopping(60)
    before = signal.signal(signal.SIGUSR1, lambda *_: stopping.ask())
    try:
        sends = f"import os\nfor _ in range(50_000): os.kill({os.getpid()}, {int(signal.SIGUSR1)})"
        with subprocess.Popen([sys.executable, "-c", sends]) as sender:
            while sender.poll() is None:
                stopping.wait(0.001)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert stopping.asked
