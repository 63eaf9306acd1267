"""Loads that take as long as they take, on a thread, while the one who wants them looks elsewhere."""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future, wait

from slipway.model.runtime import Model

LOOK_SECONDS = 0.5


class Superseded(Exception):
    """Nobody wants any more what is being loaded."""


class LoadsBeside:
    """One load at a time. What was begun is not begun again while it is wanted."""

    def __init__(self) -> None:
        self._one = threading.Lock()
        self._begun: dict[tuple[str, str], Future[Model]] = {}

    def load(
        self, name: str, version: str, load: Callable[[], Model], superseded: Callable[[], bool]
    ) -> Model:
        """What `load` returns or raises. Raises Superseded as soon as `superseded` says so."""
        key = (name, version)
        future = self._begun.get(key)
        if future is None:
            future = self._begun[key] = self._begin(load)
        while not wait([future], LOOK_SECONDS).done:
            if superseded():
                raise Superseded
        del self._begun[key]
        return future.result()

    def forget(self, name: str, but: Collection[str]) -> None:
        """Whatever is being loaded of a model, but these versions, is thrown away when it is there."""
        for key in [key for key in self._begun if key[0] == name and key[1] not in but]:
            self._begun.pop(key).cancel()

    def _begin(self, load: Callable[[], Model]) -> Future[Model]:
        """On a thread that a process which is to end does not wait for."""
        future: Future[Model] = Future()
        arguments = (future, load)
        threading.Thread(target=self._run, args=arguments, name="load", daemon=True).start()
        return future

    def _run(self, future: Future[Model], load: Callable[[], Model]) -> None:
        with self._one:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(load())
            except BaseException as wrong:  # noqa: BLE001 - raised again by who waits
                future.set_exception(wrong)
