"""A load that takes long keeps nobody who decides otherwise waiting."""

import threading

import pytest

from predictor.loading_beside import LoadsBeside, Superseded
from slipway.core.errors import ArtifactRefused
from slipway.model.runtime import Model
from support.fake_model import fake_model


def never() -> bool:
    return False


class SlowLoad:
    """Loads once it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.begun = 0

    def __call__(self) -> Model:
        self.begun += 1
        assert self.let.wait(30)
        return fake_model()


def test_what_is_loaded_comes_back() -> None:
    model = fake_model()
    assert LoadsBeside().load("spam", "1.0.0", lambda: model, never) is model


def test_what_is_refused_is_raised() -> None:
    def refuse() -> Model:
        raise ArtifactRefused("golden.json", "row 0")

    with pytest.raises(ArtifactRefused):
        LoadsBeside().load("spam", "1.0.0", refuse, never)


def test_a_time_out_of_the_store_is_not_taken_for_more_waiting() -> None:
    def away() -> Model:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        LoadsBeside().load("spam", "1.0.0", away, never)


def test_a_later_alias_is_not_kept_waiting_and_what_was_begun_is_not_begun_again() -> None:
    loads, slow = LoadsBeside(), SlowLoad()
    with pytest.raises(Superseded):
        loads.load("spam", "1.0.0", slow, lambda: True)
    slow.let.set()
    assert loads.load("spam", "1.0.0", slow, never).version == "1.0.0"
    assert slow.begun == 1


def test_what_nobody_wants_any_more_is_forgotten() -> None:
    loads, slow = LoadsBeside(), SlowLoad()
    with pytest.raises(Superseded):
        loads.load("spam", "1.0.0", slow, lambda: True)
    loads.forget("spam", but={"2.0.0"})
    slow.let.set()
    loads.load("spam", "1.0.0", slow, never)
    assert slow.begun == 2
