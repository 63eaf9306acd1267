"""Loads that take as long as they take, on a thread, while the one who wants them looks elsewhere."""

from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor, wait

from slipway.model.runtime import Model

LOOK_SECONDS = 0.5


class Superseded(Exception):
    """Nobody wants any more what is being loaded."""


class LoadsBeside:
    """One load at a time. What was begun is not begun again while it is wanted."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="load")
        self._begun: dict[tuple[str, str], Future[Model]] = {}

    def load(
        self, name: str, version: str, load: Callable[[], Model], superseded: Callable[[], bool]
    ) -> Model:
        """What `load` returns or raises. Raises Superseded as soon as `superseded` says so."""
        key = (name, version)
        future = self._begun.get(key) or self._thread.submit(load)
        self._begun[key] = future
        while not wait([future], LOOK_SECONDS).done:
            if superseded():
                raise Superseded
        del self._begun[key]
        return future.result()

    def forget(self, name: str, but: Collection[str]) -> None:
        """Whatever is being loaded of a model, but these versions, is thrown away when it is there."""
        for key in [key for key in self._begun if key[0] == name and key[1] not in but]:
            self._begun.pop(key).cancel()
